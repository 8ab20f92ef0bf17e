package fn

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each does work on all things, as many at once as there are processors. What it does
// on one must know nothing of the others: the order is any. A panic is the caller's.
func each[T any](things []T, work func(T)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	var panicked atomic.Value
	for range min(runtime.GOMAXPROCS(0), len(things)) {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked.CompareAndSwap(nil, [1]any{p})
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(things)); i = next.Add(1) - 1 {
				work(things[i])
			}
		})
	}
	wg.Wait()
	if p, ok := panicked.Load().([1]any); ok {
		panic(p[0])
	}
}
