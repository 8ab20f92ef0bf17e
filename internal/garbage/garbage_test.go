package garbage

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestLate: the first collection is late, and those behind it are Go's own.
func TestLate(t *testing.T) {
	t.Setenv("GOGC", "")
	usual := debug.SetGCPercent(77)
	defer debug.SetGCPercent(usual)
	late()
	if got := debug.SetGCPercent(seldom); got != seldom {
		t.Fatalf("before the first collection: %d percent", got)
	}
	runtime.GC()
	for range 1000 { // the clean-up runs beside us
		if percent() == 77 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("after the first collection: %d percent", percent())
}

// TestSomebodyElse: what the user sets stays.
func TestSomebodyElse(t *testing.T) {
	t.Setenv("GOGC", "50")
	usual := debug.SetGCPercent(50)
	defer debug.SetGCPercent(usual)
	late()
	if got := percent(); got != 50 {
		t.Errorf("%d percent", got)
	}
}

func percent() int {
	got := debug.SetGCPercent(100)
	debug.SetGCPercent(got)
	return got
}
