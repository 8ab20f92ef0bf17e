package e2e_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// What a start may cost: Argo CD starts the program for each application and each
// refresh. Seconds differ from machine to machine, these do not.
const (
	mostProgram    = 32_000_000 // bytes, as it is released
	mostAtStart    = 3 << 20    // bytes that all packages make before main
	mostOwnAtStart = 64 << 10   // of which ours
)

// TestStart counts what the program is, and makes, before it does anything.
func TestStart(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(modelfn)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostProgram {
		t.Errorf("the program has %d bytes, at most %d", info.Size(), mostProgram)
	}
	result := host.Run(t, host.Command{Path: modelfn, Args: []string{"version"}, Env: append(os.Environ(), "GODEBUG=inittrace=1,gctrace=1")})
	all, own, packages := 0, 0, 0
	for line := range strings.Lines(result.Stderr) {
		// init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
		fields := strings.Fields(line)
		if strings.HasPrefix(line, "gc ") {
			t.Errorf("garbage is collected at the start: %s", line)
		}
		if len(fields) < 8 || fields[0] != "init" {
			continue
		}
		bytes, err := strconv.Atoi(fields[7])
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		packages++
		if all += bytes; strings.HasPrefix(fields[1], "github.com/modelfn/modelfn/") {
			own += bytes
		}
	}
	t.Logf("%d bytes; %d packages make %d bytes at the start, ours %d", info.Size(), packages, all, own)
	if packages < 100 {
		t.Fatalf("only %d packages say what they make:\n%s", packages, result.Stderr)
	}
	if all > mostAtStart || own > mostOwnAtStart {
		t.Errorf("packages make %d bytes at the start, at most %d; ours %d, at most %d", all, mostAtStart, own, mostOwnAtStart)
	}
}
