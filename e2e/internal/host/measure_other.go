//go:build !linux

package host

func memoryOf(int) int64 { return 0 }
