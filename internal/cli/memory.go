package cli

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/modelfn/modelfn/internal/host"
)

// untilCollected is the memory in bytes that a run may take before garbage is
// collected at all.
const untilCollected = 48 << 20

// collectLate leaves garbage be while there is little: most runs render a few models
// and end before it would have paid to look for any. After the first collection all
// is as Go has it. Whoever sets GOGC or GOMEMLIMIT knows better.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent := debug.SetGCPercent(-1)
	debug.SetMemoryLimit(untilCollected)
	// Nothing refers to it: the first collection finds it.
	runtime.AddCleanup(new([64]byte), func(percent int) {
		debug.SetMemoryLimit(host.CollectHarder)
		debug.SetGCPercent(percent)
	}, percent)
}
