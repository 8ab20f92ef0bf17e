package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// How long Hold waits before it tries again: at first, and at most.
const (
	firstTry = 5 * time.Millisecond
	lastTry  = 250 * time.Millisecond
)

// errHeld: somebody else holds it.
var errHeld = errors.New("another run holds the directory")

// Hold takes the directory for the caller alone, until release: of two runs that
// write one lock, the second reads what the first wrote. It waits while another
// holds it, after it has called waiting, once. It is advisory, and ends with the
// process. Where the system or the file system knows no such thing, it holds
// nothing: what is written is whole all the same, and the last writer wins.
func Hold(ctx context.Context, dir string, waiting func()) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for pause := firstTry; ; pause = min(2*pause, lastTry) {
		if err = tryHold(f); err == nil {
			// Closing it lets it go.
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, errHeld) {
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		if pause == firstTry {
			waiting()
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w: %w", dir, errHeld, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}
