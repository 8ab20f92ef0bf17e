// Package garbage has garbage collected late: most runs render a few models and end
// before it would have paid to look for any.
package garbage

import (
	"os"
	"runtime"
	"runtime/debug"
)

// seldom has garbage collected at 24 MiB for the first time: Go's own first time, at
// 4 MiB, in percent of that.
const seldom = 600

// What the packages of the program make when it starts comes close to 4 MiB, so that
// the first collection would begin before main does: this has to be one of them. It
// imports next to nothing, and is among the first.
func init() { late() }

// late leaves garbage be while there is little. After the first collection all is as
// Go has it. Whoever sets GOGC knows better.
func late() {
	if os.Getenv("GOGC") != "" {
		return
	}
	// Nothing refers to it: the first collection finds it.
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, debug.SetGCPercent(seldom))
}
