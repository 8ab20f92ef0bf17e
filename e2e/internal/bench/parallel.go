package bench

import (
	"context"
	"fmt"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// Parallel is the contest of N directories that are rendered as CI does: one
// process for each, several at once.
const Parallel = "parallel"

// AtOnce is a contestant of it.
func AtOnce(processes int) string {
	return fmt.Sprintf("modelfn build, one process for each directory, %d at once", processes)
}

// parallelContest is `ls -d apps/* | xargs -n 1 -P 2 modelfn build`.
func (b *Bench) parallelContest(ctx context.Context, n int) (contest, error) {
	l, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.Each, N: n})
	if err != nil {
		return contest{}, err
	}
	c := contest{name: Parallel, n: n}
	for _, processes := range []int{1, 2, 4} {
		job := l.Build(b.Modelfn)
		job.Parallel = processes
		c.contestants = append(c.contestants, contestant{who: AtOnce(processes), job: job})
	}
	return c, nil
}
