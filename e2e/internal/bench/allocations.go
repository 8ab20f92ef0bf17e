package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Allocation is what a Go benchmark of the product allocates in one operation.
type Allocation struct {
	Name   string  `json:"name"`
	Bytes  float64 `json:"bytes"`
	Allocs float64 `json:"allocs"`
}

// Allocations runs the product's own Go benchmarks. They count, so that a few
// operations of each tell as much as many.
func (b *Bench) Allocations(ctx context.Context) ([]Allocation, error) {
	root, err := peer.Root()
	if err != nil {
		return nil, err
	}
	find := exec.CommandContext(ctx, "grep", "-rl", "--include=*_test.go", "^func Benchmark", ".")
	find.Dir = root
	files, err := find.Output()
	if len(files) == 0 {
		return nil, nil // grep fails where there is none
	}
	if err != nil {
		return nil, err
	}
	var packages []string
	for file := range strings.FieldsSeq(string(files)) {
		if dir := "./" + filepath.Dir(file); !strings.HasPrefix(dir, "./e2e") {
			packages = append(packages, dir)
		}
	}
	slices.Sort(packages)
	args := append([]string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", "10x"}, slices.Compact(packages)...)
	b.say("# go %s", strings.Join(args, " "))
	test := exec.CommandContext(ctx, "go", args...)
	test.Dir = root
	out, err := test.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return parseAllocations(string(out)), nil
}

// processors is what Go adds to the name of a benchmark.
var processors = regexp.MustCompile(`-\d+$`)

// parseAllocations reads what `go test -benchmem` printed.
func parseAllocations(out string) (list []Allocation) {
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		a := Allocation{Name: processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")}
		for i, unit := range fields {
			switch unit {
			case "B/op":
				_, _ = fmt.Sscan(fields[i-1], &a.Bytes)
			case "allocs/op":
				_, _ = fmt.Sscan(fields[i-1], &a.Allocs)
			}
		}
		list = append(list, a)
	}
	return list
}
