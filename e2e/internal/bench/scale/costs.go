package scale

import (
	"fmt"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// Fleet is what is to be served: applications of some models each, in a
// directory each.
type Fleet struct{ Apps, Models int }

// Costs are measured.
type Costs struct {
	// Directory and Kustomization are one render of an application's models, by
	// modelfn alone; Beside is what Argo CD adds to it.
	Directory, Kustomization Render
	Beside                   time.Duration
	// Requests for one model when it is locked, and for a run, whatever it locks.
	Requests, Once float64
	// Far is how long a model takes to lock from a slow registry, when many are.
	Far time.Duration
	// Locks are sizes.
	Locks []bench.LockSize
}

// Beside is Argo CD's own CPU for one render of 100 models: its repo-server 159 ms,
// the plugin's server 99 ms, git 11 ms. It was measured once by hand, on the
// machine of docs/performance.md: Argo CD 3.2.12's own programs, 15 hard refreshes
// of one application that was sent alone.
const Beside = 270 * time.Millisecond

// many is the number of models that locking is measured with.
const many = 1000

// CostsOf takes them from the results of the benchmarks.
func CostsOf(r bench.Results, f Fleet) (c Costs, err error) {
	directory, err := measured(r, bench.Locked, f.Models, bench.OursBuild)
	if err != nil {
		return c, err
	}
	kustomization, err := measured(r, bench.Inside, f.Models, bench.OursInProcess)
	if err != nil {
		return c, err
	}
	lock, err := measured(r, bench.Lock, many, bench.OursLock)
	if err != nil {
		return c, err
	}
	far, err := measured(r, bench.Latency, many, bench.OursLock)
	if err != nil {
		return c, err
	}
	const once = 2 // whether the registry wants a password, and whether it lists referrers
	return Costs{
		render(directory), render(kustomization), Beside, float64(lock.Requests-once) / many, once,
		time.Duration(far.Wall / many * float64(time.Millisecond)), r.Locks,
	}, nil
}

func measured(r bench.Results, contest string, n int, who string) (*bench.Measurement, error) {
	m := r.Measurements.Of(contest, n, who)
	if m == nil {
		return nil, fmt.Errorf("the results have no %q of %d models by %q", contest, n, who)
	}
	return m, nil
}

func render(m *bench.Measurement) Render {
	return Render{time.Duration(m.CPU * float64(time.Millisecond)), m.Peak}
}

// whole is a render with what Argo CD adds to it.
func (c Costs) whole(r Render) Render { return Render{r.CPU + c.Beside, r.Memory} }

// lockSize is that of one format.
func (c Costs) lockSize(format world.Format) (bench.LockSize, bool) {
	for _, l := range c.Locks {
		if l.Format == format {
			return l, true
		}
	}
	return bench.LockSize{}, false
}
