package host

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestBounded: what does not end, and what takes all memory, is left behind.
func TestBounded(t *testing.T) {
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	release := make(chan struct{})
	defer close(release)
	if _, err := bounded(late, "work", 0, plainTexts(), func() (int, error) { <-release; return 1, nil }); err == nil || !strings.Contains(err.Error(), "work has not finished") {
		t.Errorf("late: %v", err)
	}
	if got, err := bounded(late, "work", time.Minute, plainTexts(), func() (int, error) { return 2, nil }); got != 2 || err != nil {
		t.Errorf("within its grace: %d, %v", got, err)
	}
	if _, err := bounded(t.Context(), "work", 0, plainTexts(), func() (int, error) { panic("no") }); err == nil || err.Error() != "work: no" {
		t.Errorf("a panic: %v", err)
	}
	if _, err := bounded(t.Context(), "work", 0, plainTexts(), func() ([]byte, error) {
		much := make([]byte, leastMemory+1) // of which no page is touched
		<-release
		return much, nil
	}); !errors.Is(err, errMemory) {
		t.Errorf("memory: %v", err)
	}
}
