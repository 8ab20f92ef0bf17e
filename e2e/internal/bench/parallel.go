package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Parallel is the contest of N directories that are rendered as CI does: one
// process for each, several at once.
const Parallel = "parallel"

// AtOnce is modelfn as a contestant of it.
func AtOnce(processes int) string { return fmt.Sprintf("modelfn build, %d at once", processes) }

// KptAtOnce is kpt, which runs modelfn.
func KptAtOnce(processes int) string { return fmt.Sprintf("kpt fn render, %d at once", processes) }

// Processes are how many run at once.
var Processes = []int{1, 2, 4}

// parallelContest is `ls -d apps/* | xargs -n 1 -P 2 modelfn build`.
func (b *Bench) parallelContest(ctx context.Context, n int) (contest, error) {
	l, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.Each, N: n})
	if err != nil {
		return contest{}, err
	}
	c := contest{name: Parallel, n: n}
	for _, processes := range Processes {
		job := l.Build(b.Modelfn)
		job.Parallel = processes
		c.contestants = append(c.contestants, contestant{who: AtOnce(processes), job: job})
	}
	packages, err := b.packages(ctx, n)
	if err != nil {
		return c, err
	}
	for _, processes := range Processes {
		kpt, err := b.beside(peer.Kpt, func(kpt string) contestant {
			job := stopwatch.Job{Parallel: processes}
			for _, m := range packages.Models {
				job.Commands = append(job.Commands, stopwatch.Command{Args: []string{kpt, "fn", "render", packages.Of(m), "--allow-exec"}})
			}
			return contestant{who: KptAtOnce(processes), job: job, most: 3, check: packages.rendered}
		})
		if err != nil {
			return c, err
		}
		c.contestants = append(c.contestants, kpt...)
	}
	return c, nil
}

// packages are locked kpt packages of one model each.
func (b *Bench) packages(ctx context.Context, n int) (*kptPackages, error) {
	ground, err := b.ground(ctx, world.Legacy, false)
	if err != nil {
		return nil, err
	}
	d, err := ground.Write(ctx, b.path("packages", n), world.Plan{Layout: world.Kpt, N: n, Function: b.Modelfn})
	if err != nil {
		return nil, err
	}
	_, err = stopwatch.Run(ctx, d.Lock(b.Modelfn))
	return &kptPackages{d}, err
}

// kptPackages are rendered in place: kpt prints no objects.
type kptPackages struct{ *world.Directory }

// rendered refuses packages that kpt left as they were.
func (p *kptPackages) rendered(string) error {
	for _, m := range p.Models {
		if _, err := os.Stat(filepath.Join(p.Of(m), m.Name+".modelfn.yaml")); err != nil {
			return err
		}
	}
	return nil
}
