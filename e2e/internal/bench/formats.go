package bench

import (
	"context"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// Names of the contest of signatures' formats.
const (
	Formats = "formats"

	KeyLegacy = "key, legacy signature"
	KeyBundle = "key, bundle"
	Keyless   = "keyless, bundle"
)

// formatsContest renders N locked models whose signatures differ, without
// policies beside them: those of Kyverno demand the formats in different ways,
// and what differs here is to be the verification alone.
func (b *Bench) formatsContest(ctx context.Context, n int) (contest, error) {
	c := contest{name: Formats, n: n}
	for _, f := range []struct {
		who    string
		format world.Format
	}{{KeyLegacy, world.Legacy}, {KeyBundle, world.Bundle}, {Keyless, world.Keyless}} {
		l, err := b.locked(ctx, f.format, world.Plan{Layout: world.One, N: n, Engine: "None"})
		if err != nil {
			return c, err
		}
		c.contestants = append(c.contestants, b.builds(l, f.who)...)
	}
	return c, nil
}
