package scale_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/bench/scale"
)

// burst is so many applications that are due at once.
func burst(n int) []time.Duration { return make([]time.Duration, n) }

// TestSimulate: cases that can be reckoned by hand.
func TestSimulate(t *testing.T) {
	render := scale.Render{CPU: time.Second, Memory: 10}
	for name, tt := range map[string]struct {
		installation scale.Installation
		due          []time.Duration
		want         scale.Outcome
		reason       string
	}{
		"one": {
			scale.Installation{Servers: 1, Cores: 2, Processors: 20}, burst(1),
			scale.Outcome{Renders: 1, CPU: time.Second, Done: time.Second, Mean: time.Second, Slowest: time.Second, Memory: 10},
			"a render uses one core of two",
		},
		"as many as cores": {
			scale.Installation{Servers: 1, Cores: 2, Processors: 20}, burst(2),
			scale.Outcome{Renders: 2, CPU: 2 * time.Second, Done: time.Second, Mean: time.Second, Slowest: time.Second, Memory: 20},
			"two use both",
		},
		"more than cores": {
			scale.Installation{Servers: 1, Cores: 2, Processors: 20}, burst(4),
			scale.Outcome{Renders: 4, CPU: 4 * time.Second, Done: 2 * time.Second, Mean: 2 * time.Second, Slowest: 2 * time.Second, Memory: 40},
			"four share two cores, and end together",
		},
		"a limit": {
			scale.Installation{Servers: 1, Cores: 2, Parallel: 2, Processors: 20}, burst(4),
			scale.Outcome{Renders: 4, CPU: 4 * time.Second, Done: 2 * time.Second, Mean: 1500 * time.Millisecond, Slowest: 2 * time.Second, Memory: 20},
			"two run and two wait in the server, which holds less at once",
		},
		"few processors": {
			scale.Installation{Servers: 1, Cores: 2, Processors: 1}, burst(3),
			scale.Outcome{Renders: 3, CPU: 3 * time.Second, Done: 3 * time.Second, Mean: 2 * time.Second, Slowest: time.Second, Backlog: 2, Memory: 10},
			"one after another, and the wait is the controller's",
		},
		"apart": {
			scale.Installation{Servers: 1, Cores: 1, Processors: 20}, []time.Duration{0, 5 * time.Second},
			scale.Outcome{Renders: 2, CPU: 2 * time.Second, Done: time.Second, Mean: time.Second, Slowest: time.Second, Memory: 10},
			"the second is due when the first is long done",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.installation.Simulate(tt.due, render, 1)); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tt.reason, diff)
			}
		})
	}
}

// TestSimulateManyServers: chance spreads applications unevenly, but no core is
// more than busy, and another run is the same.
func TestSimulateManyServers(t *testing.T) {
	render := scale.Render{CPU: 400 * time.Millisecond, Memory: 1}
	i := scale.Installation{Servers: 8, Cores: 2, Parallel: 8, Processors: 50}
	got := i.Simulate(burst(1000), render, 7)
	// Sixteen cores cannot do 400 CPU seconds in less than 25.
	if got.Done < 25*time.Second || got.Done > 50*time.Second {
		t.Errorf("done after %v, want 25 s at the least and not twice as much", got.Done)
	}
	if diff := cmp.Diff(got, i.Simulate(burst(1000), render, 7)); diff != "" {
		t.Errorf("a second run differs:\n%s", diff)
	}
}
