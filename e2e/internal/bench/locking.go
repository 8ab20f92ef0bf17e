package bench

import (
	"context"
	"errors"
	"path/filepath"

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
		list, err := b.locks(ctx, at.who, at.layout, at.referrers, n)
		if err != nil {
			return c, err
		}
		c.contestants = append(c.contestants, list...)
	}
	peers, err := b.resolvers(ctx, n)
	if err != nil {
		return c, err
	}
	c.contestants = append(c.contestants, peers.kbld, peers.cosign, peers.crane)
	return c, nil
}

// locks are the programs under test that lock an unlocked directory.
func (b *Bench) locks(ctx context.Context, who string, layout world.Layout, referrers bool, n int) (list []contestant, err error) {
	ground, err := b.ground(ctx, world.Legacy, referrers)
	if err != nil {
		return nil, err
	}
	d, err := ground.Write(ctx, b.path("unlocked", layout, referrers, n), world.Plan{Layout: layout, N: n})
	for _, p := range b.under(who) {
		list = append(list, contestant{who: p.who, job: d.Lock(p.path), before: d.Unlock, ground: ground})
	}
	return list, err
}

// resolvers are the peers that ask a registry about N models.
type resolvers struct{ kbld, cosign, crane contestant }

func (b *Bench) resolvers(ctx context.Context, n int) (r resolvers, err error) {
	ground, err := b.ground(ctx, world.Legacy, false)
	if err != nil {
		return r, err
	}
	models, err := ground.Models(ctx, n)
	if err != nil {
		return r, err
	}
	kbld, err := peerPath(peer.Kbld)
	cosign, err2 := peerPath(peer.Cosign2)
	crane, err3 := peerPath(peer.Crane)
	file := b.path("kbld", n, "images.yaml")
	if err := errors.Join(err, err2, err3, world.Images(file, models)); err != nil {
		return r, err
	}
	// Caches and settings of whoever runs this have no say.
	env := []string{"HOME=" + b.dir, "DOCKER_CONFIG=" + filepath.Join(b.dir, "docker")}
	verify := []string{cosign, "verify", "--key", ground.KeyFile, "--insecure-ignore-tlog"}
	var each stopwatch.Job
	for _, m := range models {
		verify = append(verify, m.Ref)
		each.Commands = append(each.Commands, stopwatch.Command{Args: []string{crane, "digest", m.Ref}, Env: env})
	}
	one := func(args ...string) stopwatch.Job {
		return stopwatch.Job{Commands: []stopwatch.Command{{Args: args, Env: env}}}
	}
	return resolvers{
		contestant{who: KbldResolve, job: one(kbld, "-f", file), ground: ground, check: world.Digests(models)},
		contestant{who: CosignVerify, job: one(verify...), ground: ground, check: world.Digests(models)},
		contestant{who: CraneDigest, job: each, ground: ground, check: world.Digests(models), most: few(n)},
	}, nil
}
