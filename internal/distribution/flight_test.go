package distribution

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// TestFlight: who waits shares the outcome, but not another caller's deadline.
func TestFlight(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		giveUp bool
		made   int
		err    error
	}{
		"a failure is shared":              {false, 1, broken},
		"somebody who gave up is replaced": {true, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var f flight[int]
				made, proceed := 0, make(chan struct{})
				first, cancel := context.WithCancel(t.Context())
				go func() {
					_, err := f.get(first, nil, func(ctx context.Context) (*int, error) {
						made++
						<-proceed
						return nil, broken
					})
					if !errors.Is(err, broken) {
						t.Error(err)
					}
				}()
				synctest.Wait()
				go func() {
					got, err := f.get(t.Context(), nil, func(context.Context) (*int, error) {
						made++
						return new(int), nil
					})
					if !errors.Is(err, test.err) || (got == nil) == (err == nil) {
						t.Errorf("%v, %v", got, err)
					}
				}()
				synctest.Wait()
				if test.giveUp {
					cancel()
				}
				close(proceed)
				synctest.Wait()
				cancel()
				if made != test.made {
					t.Errorf("made %d times, want %d", made, test.made)
				}
			})
		})
	}
}

// TestFlightWaits no longer than its caller.
func TestFlightWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight[int]
		proceed := make(chan struct{})
		go func() {
			_, _ = f.get(t.Context(), nil, func(context.Context) (*int, error) {
				<-proceed
				return new(int), nil
			})
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.get(ctx, nil, nil); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(proceed)
	})
}
