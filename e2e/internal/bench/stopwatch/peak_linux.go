package stopwatch

import (
	"os"
	"syscall"
)

// peakOf is in bytes; Linux counts in KiB, and the most of any process of the tree.
func peakOf(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}
