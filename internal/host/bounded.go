package host

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/modelfn/modelfn/internal/finding"
)

// Argo CD renders others' applications beside this one. What is read is worked on as
// trees, and copies of them; kustomize takes some forty times its size for a thousand
// models. What takes more multiplies what it reads.
const (
	leastMemory   = 192 << 20
	mostMemory    = 1 << 30
	memoryPerByte = 64
)

// memoryFor is how much work on so many bytes may take.
func memoryFor(bytes int) uint64 {
	return uint64(min(leastMemory+memoryPerByte*bytes, mostMemory))
}

// graceful is how long what knows the deadline may take to say what it waited for.
const graceful = 2 * time.Second

var errMemory = errors.New("it takes too much memory")

// bounded does work until the context ends, or memory is used up. The work itself may
// know neither: kustomize takes time by the square of the number of objects, and a
// few replacements that double each other's text take all the memory there is. It is
// left behind then, and ends with the process.
func bounded[T any](ctx context.Context, who string, grace time.Duration, read *texts, work func() (T, error)) (T, error) {
	type outcome struct {
		result T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("%s: %v", who, p)
			}
			done <- o
		}()
		o.result, o.err = work()
	}()
	// Near the bound garbage is collected earlier, so that it is not counted.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(leastMemory))
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	var none T
	var late <-chan time.Time
	ended := ctx.Done()
	for {
		select {
		case o := <-done:
			return o.result, o.err
		case <-ended:
			ended, late = nil, time.After(grace)
		case <-late:
			return none, fmt.Errorf("%s has not finished: %w", who, context.Cause(ctx))
		case <-look.C:
			most := memoryFor(read.bytes())
			if memory() > most {
				return none, errMemory
			}
			debug.SetMemoryLimit(max(leastMemory, int64(most/2)))
		}
	}
}

// memory is what objects take, those included that are yet to be swept.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func large(dir string, read int) finding.List {
	return finding.List{{
		Rule: "out-of-memory", Severity: finding.Error, Resource: finding.Resource{File: dir},
		Message: fmt.Sprintf("to render this directory takes more than %d MiB of memory", memoryFor(read)>>20),
		Fix:     "render fewer models at once, and keep large files out of the directory",
	}}
}
