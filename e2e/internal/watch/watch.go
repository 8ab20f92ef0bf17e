// Package watch runs a program in a root directory of its own, under strace: the
// kernel says which files it asked for, and whether it asked for the network.
package watch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// deadline of one run: a program that waits for a writer of a pipe should fail
// its own test.
const deadline = time.Minute

// Command is a program in a root directory. All paths are those it sees.
type Command struct {
	// Root is the directory that is / for the program. Nothing else is there: no
	// /proc, no /dev, no libraries. With "/" it runs where the test does.
	Root string
	Path string
	Args []string
	Dir  string
	// Env is the whole environment.
	Env []string
}

// Seen is what a program left behind, and what it asked the kernel for.
type Seen struct {
	Stdout, Stderr string
	ExitCode       int
	Files          []Access
	// Network are the calls about sockets, as strace prints them.
	Network []string
}

// Access is one call about a path.
type Access struct {
	Call string
	// Path is from the program's root, as it asked: links are not followed.
	Path string
	// Opened is the file behind it, links followed; "" when nothing was opened.
	Opened string
}

// Run runs the program to its end. What it starts is watched as well.
func Run(tb testing.TB, command Command) Seen {
	tb.Helper()
	strace, err := peer.Strace()
	if err != nil {
		tb.Fatal(err)
	}
	unshare, err := peer.Unshare()
	if err != nil {
		tb.Fatal(err)
	}
	traces := tb.TempDir()
	args := []string{
		"-ff", "-o", filepath.Join(traces, "trace"), // a file for each thread: no line is cut by another
		"-y", "-s", "4096", "-e", "trace=%file,%network", "-e", "signal=none",
		unshare, "--root=" + command.Root, "--wd=" + command.Dir,
	}
	if os.Getuid() != 0 {
		args = append(args, "--map-root-user") // only root may change the root
	}
	args = append(append(args, command.Path), command.Args...)
	ctx, cancel := context.WithTimeout(tb.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, strace, args...)
	cmd.Env = command.Env
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		tb.Fatalf("%s %q: %v (%v)\n%s", command.Path, command.Args, err, ctx.Err(), stderr.Bytes())
	}
	seen := Seen{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: cmd.ProcessState.ExitCode()}
	seen.read(tb, traces, command)
	return seen
}

// read reads what strace wrote. A program of which nothing is known has not been
// watched: then all that a test says about its files would hold.
func (s *Seen) read(tb testing.TB, traces string, command Command) {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(traces, "trace.*"))
	if err != nil {
		tb.Fatal(err)
	}
	started := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		text := string(raw)
		// What unshare did before is not the program's.
		if _, after, ok := strings.Cut(text, "\nexecve(\""+command.Path+"\""); ok {
			text = "execve(\"" + command.Path + "\"" + after
			started++
		}
		for line := range strings.Lines(text) {
			s.add(tb, line, command.Root)
		}
	}
	if started != 1 {
		tb.Fatalf("strace saw %s start %d times, want once:\n%s", command.Path, started, s.Stderr)
	}
}

func (s *Seen) add(tb testing.TB, line, root string) {
	tb.Helper()
	call, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "(")
	switch {
	case !ok && strings.HasPrefix(line, "+++"): // how the thread ended
	case !ok:
		tb.Fatalf("strace printed %q", line)
	case slices.Contains(network, call):
		s.Network = append(s.Network, line)
	default:
		s.Files = append(s.Files, accesses(tb, call, rest, root)...)
	}
}
