package distribution

import (
	"context"
	"sync"
)

// flight makes a value once for all who want it, and keeps it. A failure is
// shared by those who waited for it, but not kept.
type flight[T any] struct {
	mu    sync.Mutex
	value *T
	under *making[T]
}

type making[T any] struct {
	done  chan struct{}
	value *T
	err   error
	// left tells that whoever began it gave up.
	left bool
}

// get is the value, made where there is none or where it is the stale one.
func (f *flight[T]) get(ctx context.Context, stale *T, do func(context.Context) (*T, error)) (*T, error) {
	for {
		f.mu.Lock()
		if f.value != nil && f.value != stale {
			defer f.mu.Unlock()
			return f.value, nil
		}
		m := f.under
		if m == nil {
			m = &making[T]{done: make(chan struct{})}
			f.under = m
			f.mu.Unlock()
			return f.make(ctx, m, do)
		}
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-m.done:
		}
		// One caller's deadline says nothing about the registry: the next
		// tries for himself.
		if !m.left || m.err == nil {
			return m.value, m.err
		}
	}
}

func (f *flight[T]) make(ctx context.Context, m *making[T], do func(context.Context) (*T, error)) (*T, error) {
	m.value, m.err = do(ctx)
	m.left = ctx.Err() != nil
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under = nil
	if m.err == nil {
		f.value = m.value
	}
	close(m.done)
	return m.value, m.err
}
