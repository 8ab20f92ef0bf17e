package cluster

import (
	"sync"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Shared is a cluster that the tests of a package share: starting one takes ten
// seconds. The package's TestMain stops it.
type Shared struct {
	// KServe is the version that runs, or whose kinds are served.
	KServe  peer.KServe
	Options []Option

	once    sync.Once
	cluster *Cluster
	err     error
}

// Get starts the cluster for the first test that asks. What its programs print
// while a test runs is logged when that test fails.
func (s *Shared) Get(tb testing.TB) *Cluster {
	tb.Helper()
	s.once.Do(func() { s.cluster, s.err = Start(s.KServe, s.Options...) })
	if s.err != nil {
		tb.Fatal(s.err)
	}
	for _, program := range s.cluster.running {
		before := len(program.Printed())
		tb.Cleanup(func() {
			if tb.Failed() {
				tb.Logf("%s:\n%s", program.name, program.Printed()[before:])
			}
		})
	}
	return s.cluster
}

// Stop ends what Get has started, if it has.
func (s *Shared) Stop() error {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Stop()
}
