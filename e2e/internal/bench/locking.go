package bench

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Names of the contest of locking.
const (
	Lock = "lock"

	OursLock          = "modelfn lock"
	OursLockReferrers = "modelfn lock, registry with referrers API"
	OursLockEach      = "modelfn lock, N directories"
	KbldResolve       = "kbld (tags to digests)"
	CosignVerify      = "cosign verify, N references in one process"
	CraneDigest       = "crane digest, one process for each"
)

// lockContest resolves and verifies N models from the registry.
func (b *Bench) lockContest(ctx context.Context, n int) (contest, error) {
	c := contest{name: Lock, n: n}
	for _, at := range []struct {
		who       string
		layout    world.Layout
		referrers bool
	}{
		{OursLock, world.One, false},
		{OursLockReferrers, world.One, true},
		{OursLockEach, world.Each, false},
	} {
		list, err := b.locks(ctx, at.who, unlocked{world.Legacy, at.layout, at.referrers}, n)
		if err != nil {
			return c, err
		}
		c.contestants = append(c.contestants, list...)
	}
	peers, err := b.resolvers(ctx, n)
	if err != nil {
		return c, err
	}
	c.contestants = append(c.contestants, peers...)
	return c, nil
}

// unlocked says what to lock: how it is signed, and from which registry.
type unlocked struct {
	format    world.Format
	layout    world.Layout
	referrers bool
}

// locks are the programs under test that lock such a directory.
func (b *Bench) locks(ctx context.Context, who string, u unlocked, n int) (list []contestant, err error) {
	ground, err := b.ground(ctx, u.format, u.referrers)
	if err != nil {
		return nil, err
	}
	plan := world.Plan{Layout: u.layout, N: n}
	if u.format == world.Keyless {
		plan.Engine = "None"
	}
	d, err := ground.Write(ctx, b.path("unlocked", u.format, u.layout, u.referrers, n), plan)
	for _, p := range b.under(who) {
		list = append(list, contestant{who: p.who, job: d.Lock(p.path), before: d.Unlock, ground: ground})
	}
	return list, err
}

// resolvers are the peers that ask a registry about N models.
func (b *Bench) resolvers(ctx context.Context, n int) ([]contestant, error) {
	ground, err := b.ground(ctx, world.Legacy, false)
	if err != nil {
		return nil, err
	}
	models, err := ground.Models(ctx, n)
	if err != nil {
		return nil, err
	}
	file := b.path("kbld", n, "images.yaml")
	if err := world.Images(file, models); err != nil {
		return nil, err
	}
	// Caches and settings of whoever runs this have no say.
	env := []string{"HOME=" + b.dir, "DOCKER_CONFIG=" + filepath.Join(b.dir, "docker")}
	one := contestant{ground: ground, check: world.Digests(models)}
	command := func(args ...string) stopwatch.Command { return stopwatch.Command{Args: args, Env: env} }
	kbld, err := b.beside(peer.Kbld, func(kbld string) contestant {
		one.who, one.job.Commands = KbldResolve, []stopwatch.Command{command(kbld, "-f", file)}
		return one
	})
	cosign, err2 := b.beside(peer.Cosign2, func(cosign string) contestant {
		args := []string{cosign, "verify", "--key", ground.KeyFile, "--insecure-ignore-tlog"}
		for _, m := range models {
			args = append(args, m.Ref)
		}
		one.who, one.job.Commands = CosignVerify, []stopwatch.Command{command(args...)}
		return one
	})
	crane, err3 := b.beside(peer.Crane, func(crane string) contestant {
		one.who, one.job.Commands, one.most = CraneDigest, nil, few(n)
		for _, m := range models {
			one.job.Commands = append(one.job.Commands, command(crane, "digest", m.Ref))
		}
		return one
	})
	return slices.Concat(kbld, cosign, crane), errors.Join(err, err2, err3)
}
