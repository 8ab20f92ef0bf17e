//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package lock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/modelfn/modelfn/internal/lock"
)

// TestHold: one at a time; who waits says so once, and gets it when it is let go.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	release, err := lock.Hold(t.Context(), dir, func() { t.Error("the first one waited") })
	if err != nil {
		t.Fatal(err)
	}
	waits, got := make(chan struct{}, 2), make(chan error)
	go func() {
		second, err := lock.Hold(t.Context(), dir, func() { waits <- struct{}{} })
		if err == nil {
			second()
		}
		got <- err
	}()
	<-waits
	select {
	case err := <-got:
		t.Fatalf("two hold it at once, %v", err)
	default:
	}
	release()
	if err := <-got; err != nil {
		t.Error(err)
	}
	if len(waits) > 0 {
		t.Error("it said twice that it waits")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v are left, %v", files, err)
	}
}

// TestHoldEnds: a wait ends with the context, and says why.
func TestHoldEnds(t *testing.T) {
	dir := t.TempDir()
	release, err := lock.Hold(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	_, err = lock.Hold(ctx, dir, cancel)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	match(t, "waiting", err, dir+": another run holds the directory")
	_, err = lock.Hold(t.Context(), filepath.Join(dir, "nowhere"), nil)
	match(t, "nowhere", err, "no such file or directory")
}
