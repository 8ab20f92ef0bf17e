package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// contests are all there are, in the order of the report.
var contests = []struct {
	name string
	make func(*Bench, context.Context, int) (contest, error)
	// sizes bounds the numbers of models.
	least, most int
}{
	{Locked, (*Bench).lockedContest, 1, 1000},
	{Directories, (*Bench).directoriesContest, 1, 1000},
	{Lock, (*Bench).lockContest, 1, 1000},
	{LockFormats, (*Bench).lockFormatsContest, 1, 1000},
	{Latency, (*Bench).latencyContest, 2, 1000},
	// kustomize takes 26 times as long for ten times as many models: it compares
	// all resources with all.
	{Inside, (*Bench).insideContest, 1, 100},
	{Formats, (*Bench).formatsContest, 1, 1000},
	{Parallel, (*Bench).parallelContest, 2, 100},
}

// Run measures whatever the options ask for.
func (b *Bench) Run(ctx context.Context) (Measurements, error) {
	for _, only := range b.Only {
		if !slices.Contains(Names(), only) {
			return nil, fmt.Errorf("there is no contest %q: use some of %s", only, strings.Join(Names(), ", "))
		}
	}
	var all Measurements
	for _, kind := range contests {
		for _, n := range b.Sizes {
			if !b.wanted(kind.name) || n < kind.least || n > kind.most {
				continue
			}
			c, err := kind.make(b, ctx, n)
			if err != nil {
				return nil, err
			}
			list, err := b.measure(ctx, c)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		}
	}
	return all, nil
}

func (b *Bench) wanted(name string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, name) }

// Names are those of the contests.
func Names() (list []string) {
	for _, kind := range contests {
		list = append(list, kind.name)
	}
	return list
}
