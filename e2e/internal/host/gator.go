package host

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Violation is what one constraint of Gatekeeper's says against one object.
type Violation struct {
	Message    string         `json:"msg"`
	Action     string         `json:"enforcementAction"`
	Constraint map[string]any `json:"constraint"`
	Object     map[string]any `json:"violatingObject"`
}

// Gator judges all objects in the files, as Gatekeeper's audit does, by the
// templates and constraints among them. No violation may mean that nothing was
// judged: have one beside it that is refused.
func Gator(tb testing.TB, files ...string) []Violation {
	tb.Helper()
	args := []string{"test", "--output=json"}
	for _, f := range files {
		args = append(args, "--filename="+f)
	}
	result := Run(tb, Command{Path: Peer(tb, peer.Gator), Args: args})
	var out []Violation
	if err := json.Unmarshal([]byte(result.Stdout), &out); err != nil || result.ExitCode > 1 {
		tb.Fatalf("gator %q: exit %d, %v\n%s", args, result.ExitCode, err, result.Stderr)
	}
	return out
}

// gatorPassed is a line about a case, by its name, and not about a test.
var gatorPassed = regexp.MustCompile(`(?m)^    --- PASS: (.+)\t\(`)

// GatorVerify runs a suite of gator's own, in which objects may be requests, and
// returns the names of the cases that passed. Others fail the test.
func GatorVerify(tb testing.TB, suite string) []string {
	tb.Helper()
	result := Run(tb, Command{Path: Peer(tb, peer.Gator), Args: []string{"verify", "--verbose", suite}})
	if result.ExitCode != 0 {
		tb.Errorf("gator verify: exit %d\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	var out []string
	for _, found := range gatorPassed.FindAllStringSubmatch(result.Stdout, -1) {
		out = append(out, found[1])
	}
	return out
}

// GatekeeperMakes is what Gatekeeper's controllers make of templates and
// constraints in a cluster.
func GatekeeperMakes(tb testing.TB, stream string) string {
	tb.Helper()
	result := Run(tb, Command{Path: Peer(tb, peer.GatekeeperMakes), Stdin: stream})
	if result.ExitCode != 0 {
		tb.Fatal(fmt.Errorf("gatekeeper-makes: exit %d: %s", result.ExitCode, result.Stderr))
	}
	return result.Stdout
}
