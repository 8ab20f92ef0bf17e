package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memoryOf is what a process and its descendants hold at the moment, in bytes. One
// that ends meanwhile holds nothing.
func memoryOf(pid int) (sum int64) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if content, err := os.ReadFile(filepath.Join(proc, "statm")); err == nil {
		var size, resident int64
		if _, err := fmt.Sscan(string(content), &size, &resident); err == nil {
			sum = resident * int64(os.Getpagesize())
		}
	}
	threads, err := filepath.Glob(filepath.Join(proc, "task/*/children"))
	if err != nil {
		return sum
	}
	for _, thread := range threads {
		children, err := os.ReadFile(thread)
		if err != nil {
			continue
		}
		for child := range strings.FieldsSeq(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				sum += memoryOf(id)
			}
		}
	}
	return sum
}
