package host

import (
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Kustomize runs `kustomize build .` in a directory. A function runs only with
// --enable-alpha-plugins, an executable one only with --enable-exec beside it:
// without the second it is skipped in silence.
func Kustomize(tb testing.TB, dir string, flags ...string) Result {
	tb.Helper()
	return Run(tb, Command{Path: Peer(tb, peer.Kustomize), Args: append([]string{"build", "."}, flags...), Dir: dir})
}
