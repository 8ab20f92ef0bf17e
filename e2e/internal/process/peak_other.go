//go:build !linux

package process

import "os"

// Peak is not known elsewhere: systems differ in what they count, and in what.
func Peak(*os.ProcessState) int64 { return 0 }
