// Package bench measures modelfn and what users would take instead on the same
// models: side by side, in turns, medians of several runs. What it measures, and
// which goals it has, is in docs/performance.md, which it writes.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Options say what is measured.
type Options struct {
	// Modelfn is the program under test, Against another one that is measured
	// beside it; empty is none.
	Modelfn, Against string
	// Sizes are the numbers of models.
	Sizes []int
	// Runs is how often each job is run, unless one run takes too long.
	Runs int
	// Peers are measured beside it; empty is all.
	Peers []string
	// Only are the contests to run; empty is all.
	Only []string
	// Log is told what is going on.
	Log io.Writer
}

// Bench is a run of the benchmarks.
type Bench struct {
	Options
	dir     string
	grounds map[groundKey]*world.Ground
	made    map[string]*lockedWorld
}

type groundKey struct {
	format    world.Format
	referrers bool
}

// New makes one; Close takes away what it wrote.
func New(o Options) (*Bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	return &Bench{o, dir, map[groundKey]*world.Ground{}, map[string]*lockedWorld{}}, nil
}

// Close ends the registries.
func (b *Bench) Close() error {
	var errs []error
	for _, g := range b.grounds {
		errs = append(errs, g.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// ground is the registry of that kind, started at its first use.
func (b *Bench) ground(ctx context.Context, format world.Format, referrers bool) (*world.Ground, error) {
	key := groundKey{format, referrers}
	if g, ok := b.grounds[key]; ok {
		return g, nil
	}
	g, err := world.NewGround(ctx, filepath.Join(b.dir, "grounds", fmt.Sprint(format, referrers)), format, referrers)
	if err != nil {
		return nil, err
	}
	b.grounds[key] = g
	return g, nil
}

// path is a directory of its own for what a contest writes.
func (b *Bench) path(parts ...any) string {
	var names []string
	for _, p := range parts {
		names = append(names, fmt.Sprint(p))
	}
	return filepath.Join(append([]string{b.dir}, names...)...)
}

func (b *Bench) say(format string, args ...any) { fmt.Fprintf(b.Log, format+"\n", args...) }

// under are the programs under test, by the name of the contestant.
func (b *Bench) under(who string) []program {
	list := []program{{who, b.Modelfn}}
	if b.Against != "" {
		list = append(list, program{who + " (against)", b.Against})
	}
	return list
}

type program struct{ who, path string }

// beside is a peer as a contestant; none where it is not to be measured.
func (b *Bench) beside(name string, as func(path string) contestant) ([]contestant, error) {
	if len(b.Peers) > 0 && !slices.Contains(b.Peers, name) {
		return nil, nil
	}
	path, err := peer.Path(name)
	if err != nil {
		return nil, err
	}
	return []contestant{as(path)}, nil
}
