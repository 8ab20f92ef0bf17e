// Package stopwatch runs programs and says what they cost: CPU of the whole
// process tree, wall time, and the most memory that any process of it held.
package stopwatch

import "time"

// Job is a sequence of commands that are measured as one: a peer that is started
// once for each model is one job of many commands.
type Job struct {
	Commands []Command
	// Parallel is how many commands run at once; 0 is one.
	Parallel int
	// Output is the file that gets what all commands print, one after another;
	// empty measures how much that is and keeps nothing. With Parallel the order
	// is not told.
	Output string
	// Separator goes between what two commands print.
	Separator string
}

// Command is one process, with its descendants.
type Command struct {
	Args  []string
	Dir   string
	Env   []string // appended to the environment
	Stdin string   // a file; empty is none
}

// Reading is what a job cost.
type Reading struct {
	// CPU is user and system time of all processes that were waited for.
	CPU  time.Duration
	Wall time.Duration
	// Peak is the most memory that one process held, in bytes; 0 where the system
	// does not tell.
	Peak int64
	// Output is how many bytes were printed.
	Output int64
}

// add puts the cost of a further command to a job's.
func (r *Reading) add(more Reading) {
	r.CPU += more.CPU
	r.Peak = max(r.Peak, more.Peak)
}
