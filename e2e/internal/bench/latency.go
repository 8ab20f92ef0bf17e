package bench

import (
	"context"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// Latency is the contest of locking where each request takes longer.
const (
	Latency = "latency"
	// Added to each request.
	Added = 25 * time.Millisecond
)

// latencyContest locks N models of a registry that is far away.
func (b *Bench) latencyContest(ctx context.Context, n int) (contest, error) {
	c := contest{name: Latency, n: n}
	ours, err := b.locks(ctx, OursLock, unlocked{world.Legacy, world.One, false}, n)
	if err != nil {
		return c, err
	}
	peers, err := b.resolvers(ctx, n)
	if err != nil {
		return c, err
	}
	c.contestants = ours
	for _, who := range peers {
		// One reference after another takes minutes, by the clock alone.
		if who.who == CraneDigest || who.who == CosignVerify && n >= fewAt {
			continue
		}
		who.most = 1
		c.contestants = append(c.contestants, who)
	}
	for i, who := range c.contestants {
		c.contestants[i].before = slow(who)
		c.contestants[i].after = func() { who.ground.Delay(0) }
	}
	return c, nil
}

// slow makes the registry slow before a run.
func slow(who contestant) func() error {
	return func() error {
		who.ground.Delay(Added)
		if who.before == nil {
			return nil
		}
		return who.before()
	}
}
