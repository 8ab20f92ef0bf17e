// Package scale simulates what many applications cost an Argo CD installation,
// event by event, from the measured cost of one render. The same settings give
// the same outcome: chance has a seed.
package scale

import "time"

// Installation is Argo CD, as far as rendering is concerned.
type Installation struct {
	// Servers are the repo-servers, each with its plugin beside it. The controller
	// opens a connection for each render, so that the Service chooses any of them.
	Servers int
	// Cores of each server.
	Cores int
	// Parallel is each server's reposerver.parallelism.limit; 0 is none.
	Parallel int
	// Processors is the controller's --status-processors: so many applications
	// are compared at once, and wait for their render.
	Processors int
}

// Render is what one render costs.
type Render struct {
	CPU    time.Duration // of one core: it is taken to use no more than one
	Memory int64         // in bytes
}

// Outcome is how an installation coped.
type Outcome struct {
	Renders int
	CPU     time.Duration
	// Done is when the last application was rendered; Mean when one was on
	// average, both after it was due.
	Done, Mean time.Duration
	// Slowest is the longest that one call of a repo-server took, its wait there
	// included. Beyond the controller's 60 s it would be an error.
	Slowest time.Duration
	// Backlog is how many applications at the most waited for a processor.
	Backlog int
	// Memory is the most that the renders of one server held together.
	Memory int64
}

// Deadline is the controller's --repo-server-timeout-seconds.
const Deadline = 60 * time.Second
