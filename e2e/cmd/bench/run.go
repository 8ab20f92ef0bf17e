package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/document"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// errMissed is what -strict ends with.
var errMissed = errors.New("a goal is missed")

// run measures, prints the goals, and writes the page where it is asked for.
func run(ctx context.Context, s settings) (err error) {
	if err := s.programs(); err != nil {
		return err
	}
	b, err := bench.New(s.Options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	results, err := measure(ctx, b)
	if err != nil {
		return err
	}
	missed := 0
	fmt.Println()
	for _, g := range bench.Goals {
		figure, verdict, met := g.Verdict(results)
		fmt.Printf("%-100s %10s %10s  %s\n", g.What, g.Limit(), figure, verdict)
		if !met {
			missed++
		}
	}
	if s.json != "" {
		if err := results.Write(s.json); err != nil {
			return err
		}
	}
	if s.write {
		if err := document.Write(results); err != nil {
			return err
		}
	}
	if s.strict && missed > 0 {
		return fmt.Errorf("%w: %d of %d", errMissed, missed, len(bench.Goals))
	}
	return nil
}

// measure runs everything that was asked for.
func measure(ctx context.Context, b *bench.Bench) (r bench.Results, err error) {
	r.Machine = bench.ThisMachine()
	if r.Programs, err = b.Programs(); err != nil {
		return r, err
	}
	info, err := os.Stat(b.Modelfn)
	if err != nil {
		return r, err
	}
	r.Binary = info.Size()
	if r.Measurements, err = b.Run(ctx); err != nil || len(b.Only) > 0 {
		return r, err
	}
	if r.Locks, err = b.LockSizes(ctx, 100); err != nil {
		return r, err
	}
	r.Allocations, err = b.Allocations(ctx)
	return r, err
}

// programs are absolute: a kustomization executes them in its own directory.
func (s *settings) programs() (err error) {
	if s.Modelfn == "" {
		s.Modelfn, err = peer.Modelfn()
		if err != nil {
			return err
		}
	}
	if s.Modelfn, err = filepath.Abs(s.Modelfn); err != nil || s.Against == "" {
		return err
	}
	s.Against, err = filepath.Abs(s.Against)
	return err
}
