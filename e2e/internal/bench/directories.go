package bench

import (
	"context"
	"slices"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Names of the contest of N directories with one model each.
const (
	Directories = "each"

	OursEach = "modelfn build, one process for each"
	HelmEach = "helm template, one release for each"
)

// directoriesContest renders N locked directories, as N applications are.
func (b *Bench) directoriesContest(ctx context.Context, n int) (contest, error) {
	l, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.Each, N: n})
	if err != nil {
		return contest{}, err
	}
	chart, err := l.rendered.Chart(b.path("helm-each", n))
	if err != nil {
		return contest{}, err
	}
	helm, err := b.beside(peer.Helm, func(helm string) contestant {
		return contestant{who: HelmEach, job: chart.Each(helm), check: l.same}
	})
	c := contest{Directories, n, slices.Concat(b.builds(l, OursEach), helm)}
	for i := range c.contestants {
		c.contestants[i].most = few(n)
	}
	return c, err
}
