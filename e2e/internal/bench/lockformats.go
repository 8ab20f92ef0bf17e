package bench

import (
	"context"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// LockFormats is the contest of locking models that are signed in other formats.
const LockFormats = "lockformats"

// lockFormatsContest locks N models by bundles, which are asked for in another
// way, and in another where the registry has the referrers API.
func (b *Bench) lockFormatsContest(ctx context.Context, n int) (contest, error) {
	c := contest{name: LockFormats, n: n}
	for _, at := range []struct {
		who       string
		format    world.Format
		referrers bool
	}{
		{KeyBundle, world.Bundle, false},
		{KeyBundle + ", referrers API", world.Bundle, true},
		{Keyless, world.Keyless, false},
		{Keyless + ", referrers API", world.Keyless, true},
	} {
		list, err := b.locks(ctx, at.who, unlocked{at.format, world.One, at.referrers}, n)
		if err != nil {
			return c, err
		}
		c.contestants = append(c.contestants, list...)
	}
	return c, nil
}
