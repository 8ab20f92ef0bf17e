package process

import (
	"os"
	"syscall"
)

// Peak is the most memory that any process of an ended process's tree held, in bytes;
// Linux counts in KiB.
func Peak(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}
