package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// contest is one task for a number of models, that several programs do.
type contest struct {
	name        string
	n           int
	contestants []contestant
}

// contestant is one way to do it.
type contestant struct {
	who string
	job stopwatch.Job
	// most is how often it is run at the most; 0 is as often as all.
	most int
	// before is run before each run and after is after it, unmeasured.
	before func() error
	after  func()
	// ground counts the requests.
	ground *world.Ground
	// check looks at what the first run printed.
	check func(output string) error
}

// measure runs the contestants in turns, so that what else the machine does
// falls on all of them.
func (b *Bench) measure(ctx context.Context, c contest) ([]Measurement, error) {
	readings := make([][]stopwatch.Reading, len(c.contestants))
	requests := make([][]int, len(c.contestants))
	for round := range b.Runs {
		for i, who := range c.contestants {
			if who.most > 0 && round >= who.most {
				continue
			}
			reading, asked, err := b.once(ctx, who, round)
			if err != nil {
				return nil, fmt.Errorf("%s of %d, %s: %w", c.name, c.n, who.who, err)
			}
			readings[i] = append(readings[i], reading)
			requests[i] = append(requests[i], asked)
		}
	}
	var list []Measurement
	for i, who := range c.contestants {
		m := medians(readings[i])
		m.Contest, m.N, m.Who = c.name, c.n, who.who
		m.Requests = middle(requests[i])
		b.say("%s", m)
		list = append(list, m)
	}
	return list, nil
}

// once is one run of one contestant.
func (b *Bench) once(ctx context.Context, who contestant, round int) (stopwatch.Reading, int, error) {
	if who.before != nil {
		if err := who.before(); err != nil {
			return stopwatch.Reading{}, 0, err
		}
	}
	if who.after != nil {
		defer who.after()
	}
	asked := 0
	if who.ground != nil {
		asked = len(who.ground.Server.Requests())
	}
	job := who.job
	job.Output = filepath.Join(b.dir, "output")
	reading, err := stopwatch.Run(ctx, job)
	if err != nil {
		return reading, 0, err
	}
	if who.ground != nil {
		asked = len(who.ground.Server.Requests()) - asked
	}
	if round == 0 && who.check != nil {
		err = who.check(job.Output)
	}
	return reading, asked, err
}

// medians are those of each quantity by itself.
func medians(readings []stopwatch.Reading) Measurement {
	var cpu, wall []time.Duration
	var peak, output []int64
	for _, r := range readings {
		cpu, wall = append(cpu, r.CPU), append(wall, r.Wall)
		peak, output = append(peak, r.Peak), append(output, r.Output)
	}
	return Measurement{
		Runs: len(readings), CPU: milliseconds(middle(cpu)), Wall: milliseconds(middle(wall)),
		Peak: middle(peak), Output: middle(output),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// middle is the median; of two middle ones the lower.
func middle[T int | int64 | time.Duration](list []T) T {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[(len(list)-1)/2]
}
