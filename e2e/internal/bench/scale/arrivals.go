package scale

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Argo CD's defaults.
const (
	// Resync is how often an application is compared without a webhook, Jitter
	// what is added to that by chance.
	Resync = 120 * time.Second
	Jitter = 60 * time.Second
	// Kept is how long what was rendered is kept.
	Kept = 24 * time.Hour
)

// AtOnce is each application due now: a hard refresh of all, or a webhook about a
// commit that is everybody's.
func AtOnce(apps int) []time.Duration { return make([]time.Duration, apps) }

// Polled is each application due when it is compared next: the commit came at
// some moment of its period.
func Polled(apps int, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 1)) // nothing secret depends on it
	var due []time.Duration
	for range apps {
		period := Resync + time.Duration(random.Int64N(int64(Jitter)))
		due = append(due, time.Duration(random.Int64N(int64(period))))
	}
	slices.Sort(due)
	return due
}

// Day is a day of an installation: what was rendered is kept for a day, so that
// each application is rendered once at the least, and at each of the commits, at
// moments of chance, so many applications are due besides.
func Day(apps, commits, each int, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 2)) // nothing secret depends on it
	var due []time.Duration
	for range apps {
		due = append(due, time.Duration(random.Int64N(int64(Kept))))
	}
	for range commits {
		at := time.Duration(random.Int64N(int64(Kept)))
		for range each {
			due = append(due, at)
		}
	}
	slices.Sort(due)
	return due
}
