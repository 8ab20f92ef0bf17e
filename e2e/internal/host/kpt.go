package host

import (
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Kpt runs kpt with these arguments (`fn render DIR --allow-exec`, `fn eval
// DIR --exec PATH`) in a directory, which relative exec paths start from.
// Render works in place: hand it a copy.
func Kpt(tb testing.TB, dir string, args ...string) Result {
	tb.Helper()
	return Run(tb, Command{Path: Peer(tb, peer.Kpt), Args: args, Dir: dir})
}
