package host

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Counts is Kyverno's own tally. A policy that does not load, or does not match
// the resource, leaves it all zero with exit status 0: want Pass: 1, not
// Fail: 0.
type Counts struct{ Pass, Fail, Warn, Error, Skip int }

// Kyverno applies the policies in one file to the resources in another, with
// the images fetched through env (a registry's Env). It returns the tally and
// all that was printed, which names the message of each failed validation.
func Kyverno(tb testing.TB, policy, resource string, env []string, flags ...string) (Counts, string) {
	tb.Helper()
	crds, err := peer.KServeCRDs()
	if err != nil {
		tb.Fatal(err)
	}
	command := Command{
		Path: Peer(tb, peer.Kyverno),
		Args: append([]string{"apply", policy, "--resource", resource, "--crd-paths", crds,
			"--registry", "--remove-color"}, flags...),
		// Credentials of whoever runs the test are nobody's business here.
		Env: append([]string{"DOCKER_CONFIG=" + tb.TempDir()}, env...),
	}
	result := Run(tb, command)
	output := result.Stdout + result.Stderr
	counts, err := parseCounts(output)
	if err != nil {
		tb.Fatalf("kyverno %q: %v\n%s", command.Args, err, output)
	}
	if counts.Error > 0 {
		// Only the report, which has no tally, says what the error was.
		command.Args = append(command.Args, "--policy-report")
		output += Run(tb, command).Stdout
	}
	return counts, output
}

// parseCounts reads the line `pass: 1, fail: 0, warn: 0, error: 0, skip: 0`.
func parseCounts(output string) (Counts, error) {
	for line := range strings.Lines(output) {
		var c Counts
		n, err := fmt.Sscanf(line, "pass: %d, fail: %d, warn: %d, error: %d, skip: %d",
			&c.Pass, &c.Fail, &c.Warn, &c.Error, &c.Skip)
		if n == 5 && err == nil {
			return c, nil
		}
	}
	return Counts{}, errors.New("no line of counts")
}
