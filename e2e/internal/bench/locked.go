package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Names of contests and contestants.
const (
	Locked = "locked"

	OursBuild      = "modelfn build"
	HelmOnce       = "helm template, one release for N"
	KustomizePlain = "kustomize build of the plain objects"
	fewAt          = 1000 // models at which a slow peer is run only once
)

// lockedWorld is a directory with its lock, and what it is rendered to.
type lockedWorld struct {
	*world.Directory
	ground   *world.Ground
	output   string // the file
	rendered world.Rendered
}

// locked makes it, once in a run.
func (b *Bench) locked(ctx context.Context, format world.Format, plan world.Plan) (*lockedWorld, error) {
	key := fmt.Sprint(format, plan.Layout, plan.N, plan.Engine)
	if l, ok := b.made[key]; ok {
		return l, nil
	}
	ground, err := b.ground(ctx, format, false)
	if err != nil {
		return nil, err
	}
	d, err := ground.Write(ctx, b.path("locked", key), plan)
	if err != nil {
		return nil, err
	}
	b.say("# locking %d models, %s, %s", plan.N, format, plan.Layout)
	if _, err := stopwatch.Run(ctx, d.Lock(b.Modelfn)); err != nil {
		return nil, err
	}
	l := &lockedWorld{Directory: d, ground: ground, output: b.path("locked", key, "rendered.yaml")}
	job := d.Build(b.Modelfn)
	if plan.Layout == world.Exec {
		job, err = kustomized(d.Path)
		if err != nil {
			return nil, err
		}
	}
	job.Output = l.output
	if _, err := stopwatch.Run(ctx, job); err != nil {
		return nil, err
	}
	l.rendered, err = world.ReadRendered(l.output)
	b.made[key] = l
	return l, err
}

// builds are the programs under test on a locked directory.
func (b *Bench) builds(l *lockedWorld, who string) (list []contestant) {
	for _, p := range b.under(who) {
		list = append(list, contestant{who: p.who, job: l.Build(p.path), ground: l.ground, check: l.same})
	}
	return list
}

// same refuses another output than modelfn's.
func (l *lockedWorld) same(output string) error { return world.SameObjects(output, l.output) }

// lockedContest renders N locked models of one directory.
func (b *Bench) lockedContest(ctx context.Context, n int) (contest, error) {
	l, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.One, N: n})
	if err != nil {
		return contest{}, err
	}
	chart, err := l.rendered.Chart(b.path("helm", n))
	if err != nil {
		return contest{}, err
	}
	helm, err := b.beside(peer.Helm, func(helm string) contestant {
		return contestant{who: HelmOnce, job: chart.All(helm), check: l.same}
	})
	if err != nil {
		return contest{}, err
	}
	plain, err := b.plain(n, l)
	return contest{Locked, n, slices.Concat(b.builds(l, OursBuild), helm, plain)}, err
}

// few bounds the runs of what takes a minute.
func few(n int) int {
	if n >= fewAt {
		return 1
	}
	return 0
}
