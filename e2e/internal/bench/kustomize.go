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

// Names of the contest inside kustomize.
const (
	Inside = "kustomize"

	KustomizeExec = "kustomize build, modelfn as exec function"
	OursFunction  = "modelfn alone on the same ResourceList"
	OursInProcess = "modelfn build of the kustomization"
)

// insideContest renders a kustomization of N models in the stock kustomize. What
// is ours of its CPU is what modelfn takes for the very bytes that kustomize
// hands it.
func (b *Bench) insideContest(ctx context.Context, n int) (contest, error) {
	exec, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.Exec, N: n, Function: b.Modelfn})
	if err != nil {
		return contest{}, err
	}
	image, err := b.locked(ctx, world.Legacy, world.Plan{Layout: world.Image, N: n})
	if err != nil {
		return contest{}, err
	}
	list, err := b.captured(ctx, n)
	if err != nil {
		return contest{}, err
	}
	whole, err := kustomized(exec.Path)
	if err != nil {
		return contest{}, err
	}
	c := contest{Inside, n, []contestant{{who: KustomizeExec, job: whole, check: exec.same}}}
	for _, p := range b.under(OursFunction) {
		job := stopwatch.Job{Commands: []stopwatch.Command{{Args: []string{p.path, "fn"}, Stdin: list}}}
		c.contestants = append(c.contestants, contestant{who: p.who, job: job})
	}
	c.contestants = append(c.contestants, b.builds(image, OursInProcess)...)
	plain, err := b.plain(n, exec)
	c.contestants = append(c.contestants, plain...)
	return c, err
}

// captured is the file with the ResourceList that kustomize hands to a function.
func (b *Bench) captured(ctx context.Context, n int) (string, error) {
	ground, err := b.ground(ctx, world.Legacy, false)
	if err != nil {
		return "", err
	}
	list, script := b.path("captured", n, "list.yaml"), b.path("captured", n, "function")
	if err := os.MkdirAll(b.path("captured", n), 0o755); err != nil {
		return "", err
	}
	tee := fmt.Sprintf("#!/bin/sh\ntee '%s' | '%s'\n", list, b.Modelfn)
	if err := os.WriteFile(script, []byte(tee), 0o755); err != nil {
		return "", err
	}
	d, err := ground.Write(ctx, b.path("captured", n, "apps"), world.Plan{Layout: world.Exec, N: n, Function: script})
	if err != nil {
		return "", err
	}
	if _, err := stopwatch.Run(ctx, d.Lock(b.Modelfn)); err != nil {
		return "", err
	}
	job, err := kustomized(d.Path)
	if err != nil {
		return "", err
	}
	_, err = stopwatch.Run(ctx, job)
	return list, err
}

// kustomized is the stock kustomize on a kustomization that executes a function.
func kustomized(dir string) (stopwatch.Job, error) {
	kustomize, err := peer.Path(peer.Kustomize)
	return stopwatch.Job{Commands: []stopwatch.Command{{
		Args: []string{kustomize, "build", "--enable-alpha-plugins", "--enable-exec", dir},
	}}}, err
}

// plain is kustomize on the objects that modelfn made, as plain files.
func (b *Bench) plain(n int, l *lockedWorld) ([]contestant, error) {
	dir := filepath.Join(l.Path, "../plain")
	if err := l.rendered.Kustomization(dir); err != nil {
		return nil, err
	}
	return b.beside(peer.Kustomize, func(kustomize string) contestant {
		job := stopwatch.Job{Commands: []stopwatch.Command{{Args: []string{kustomize, "build", dir}}}}
		return contestant{who: KustomizePlain, job: job, most: few(n), check: l.same}
	})
}
