package cli

import (
	"os"
	"runtime"
	"runtime/debug"
)

// seldom has garbage collected at 48 MiB for the first time: Go's own first time, at
// 4 MiB, in percent of that.
const seldom = 1200

// collectLate leaves garbage be while there is little: most runs render a few models
// and end before it would have paid to look for any. After the first collection all
// is as Go has it. Whoever sets GOGC knows better.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	// Nothing refers to it: the first collection finds it.
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, debug.SetGCPercent(seldom))
}
