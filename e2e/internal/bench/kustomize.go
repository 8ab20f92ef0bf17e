package bench

import (
	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// kustomized is the stock kustomize on a kustomization that executes a function.
func kustomized(dir string) (stopwatch.Job, error) {
	kustomize, err := peerPath(peer.Kustomize)
	return stopwatch.Job{Commands: []stopwatch.Command{{
		Args: []string{kustomize, "build", "--enable-alpha-plugins", "--enable-exec", dir},
	}}}, err
}
