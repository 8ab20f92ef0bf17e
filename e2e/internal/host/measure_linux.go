package host

import (
	"os"
	"syscall"
)

// peakOf is in bytes; Linux counts in KiB.
func peakOf(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}
