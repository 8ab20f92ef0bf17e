//go:build unix && !aix && !solaris

package cli_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
)

// mostAllocations and mostRequests are what one more model may cost. When objects went
// through a generic YAML encoder a render took 9000 allocations for each.
const (
	mostAllocations = 1200
	mostRequests    = 5
)

// TestCost counts what models cost a render and a lock, beyond what a run costs by
// itself: seconds differ from machine to machine, allocations and requests do not.
func TestCost(t *testing.T) {
	const few, many = 20, 120
	cost := map[int]float64{}
	for _, n := range []int{few, many} {
		dir, r := lockWorld(t, n)
		if code := run(t, io.Discard, io.Discard, "lock", dir); code != 0 {
			t.Fatalf("lock: exit %d", code)
		}
		// Two belong to the registry: does it want a password, has it referrers.
		if asked := len(r.Requests()); asked > n*mostRequests+2 {
			t.Errorf("lock of %d models: %d requests, at most %d for each", n, asked, mostRequests)
		}
		asked := len(r.Requests())
		var out bytes.Buffer
		cost[n] = testing.AllocsPerRun(3, func() {
			out.Reset()
			if code := run(t, &out, io.Discard, "build", dir); code != 0 {
				t.Fatalf("build: exit %d", code)
			}
		})
		if got := strings.Count(out.String(), "\nkind: InferenceService\n"); got != n {
			t.Errorf("%d InferenceServices of %d models", got, n)
		}
		if more := len(r.Requests()) - asked; more > 0 {
			t.Errorf("build asked for %d things", more)
		}
	}
	each := (cost[many] - cost[few]) / (many - few)
	t.Logf("%.0f allocations for each model, %.0f for a run", each, cost[few]-few*each)
	if each > mostAllocations {
		t.Errorf("a model takes %.0f allocations, at most %d", each, mostAllocations)
	}
}

// TestSameOnAnyMachine: how many processors there are does not show in the output.
func TestSameOnAnyMachine(t *testing.T) {
	dir, _ := lockWorld(t, 30)
	if code := run(t, io.Discard, io.Discard, "lock", dir); code != 0 {
		t.Fatalf("lock: exit %d", code)
	}
	outputs := map[string]bool{}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, processors := range []int{1, 2, 8, 8} {
		runtime.GOMAXPROCS(processors)
		var out bytes.Buffer
		if code := run(t, &out, io.Discard, "build", dir); code != 0 {
			t.Fatalf("build: exit %d", code)
		}
		outputs[out.String()] = true
	}
	if len(outputs) != 1 {
		t.Errorf("%d outputs", len(outputs))
	}
}

// BenchmarkBuild renders plain files, locked and verified.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(map[int]string{1: "1 model", 100: "100 models"}[n], func(b *testing.B) {
			dir, _ := lockWorld(b, n)
			if code := run(b, io.Discard, io.Discard, "lock", dir); code != 0 {
				b.Fatalf("lock: exit %d", code)
			}
			b.ReportAllocs()
			for b.Loop() {
				if code := run(b, io.Discard, io.Discard, "build", dir); code != 0 {
					b.Fatalf("build: exit %d", code)
				}
			}
		})
	}
}
