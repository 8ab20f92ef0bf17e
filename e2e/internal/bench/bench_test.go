package bench_test

import (
	"os"
	"testing"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

func TestMain(m *testing.M) {
	stopwatch.InBetween()
	os.Exit(m.Run())
}

// TestSmall runs each contest once, with few models and the peers that other
// tests run, too: what the benchmarks run on must not rot. Nothing is said about
// seconds.
func TestSmall(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bench.New(bench.Options{
		Modelfn: modelfn, Sizes: []int{2}, Runs: 1, Log: t.Output(),
		Peers: []string{peer.Kustomize, peer.Cosign2, peer.Crane, peer.Kpt},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	measurements, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		contest, who string
		requests     int // at the registry
	}{
		{bench.Locked, bench.OursBuild, 0},
		{bench.Locked, bench.KustomizePlain, 0},
		{bench.Directories, bench.OursEach, 0},
		{bench.Lock, bench.OursLock, 2*4 + 2}, // a password is asked for once, and the referrers API
		{bench.Lock, bench.OursLockEach, 2*4 + 2},
		{bench.Lock, bench.CraneDigest, 2 * 2},
		{bench.Lock, bench.CosignVerify, 2*4 + 3},
		{bench.LockFormats, bench.Keyless, 2*5 + 2},
		{bench.Latency, bench.OursLock, 2*4 + 2},
		{bench.Inside, bench.KustomizeExec, 0},
		{bench.Inside, bench.OursFunction, 0},
		{bench.Inside, bench.OursInProcess, 0},
		{bench.Formats, bench.Keyless, 0},
		{bench.Parallel, bench.AtOnce(2), 0},
		{bench.Parallel, bench.KptAtOnce(2), 0},
	} {
		m := measurements.Of(want.contest, 2, want.who)
		if m == nil {
			t.Errorf("%s: %s was not measured", want.contest, want.who)
			continue
		}
		inPlace := want.who == bench.KptAtOnce(2) // it prints nothing
		if m.CPU <= 0 || m.Wall <= 0 || m.Peak <= 0 || m.Output <= 0 && !inPlace || m.Runs != 1 {
			t.Errorf("%s: %s: %+v: want all of it measured, in one run", want.contest, want.who, m)
		}
		if want.contest == bench.Latency && time.Duration(m.Wall*float64(time.Millisecond)) < bench.Added {
			t.Errorf("locking took %v ms, less than one request to a slow registry", m.Wall)
		}
		if m.Requests != want.requests {
			t.Errorf("%s: %s: %d requests, want %d", want.contest, want.who, m.Requests, want.requests)
		}
	}
}
