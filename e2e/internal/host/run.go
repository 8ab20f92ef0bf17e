// Package host runs the real programs that call modelfn, or judge what it
// emits: kustomize, kpt, Argo CD's plugin server and Kyverno. What they start
// ends with the test.
package host

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// deadline of one run. The slowest measured is under two seconds; a hanging
// host should fail its own test, not the whole package.
const deadline = 2 * time.Minute

// Command is one program to run.
type Command struct {
	Path  string
	Args  []string
	Dir   string
	Env   []string // appended to the test's own environment
	Stdin string
}

// Result is what a program left behind.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Run runs a program to its end. Only one that cannot be started, or that
// outlives the deadline, fails the test: how it exits is the test's business.
func Run(tb testing.TB, command Command) Result {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, command.Path, command.Args...)
	cmd.Dir = command.Dir
	cmd.Env = append(os.Environ(), command.Env...)
	cmd.Stdin = strings.NewReader(command.Stdin)
	// A child that a killed program leaves behind may hold the pipes open.
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		tb.Fatalf("%s %q: %v (%v)\n%s", command.Path, command.Args, err, ctx.Err(), stderr.Bytes())
	}
	return Result{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: cmd.ProcessState.ExitCode()}
}

// Peer is the path of one of the real tools, by its name in package peer.
func Peer(tb testing.TB, name string) string {
	tb.Helper()
	path, err := peer.Path(name)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}
