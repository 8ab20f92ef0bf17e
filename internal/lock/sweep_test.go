//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package lock_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/modelfn/modelfn/internal/lock"
)

// TestWriteSweeps: what killed runs left beside a file goes when it is written next;
// what somebody holds, and what is anybody else's, stays.
func TestWriteSweeps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lock.FileName)
	left, held := "."+lock.FileName+".123", "."+lock.FileName+".456"
	others := []string{"." + lock.FileName + ".swp", "." + lock.FileName + ".", "." + lock.FileName + ".12a", ".other.yaml.123", lock.FileName + ".123"}
	for _, name := range append([]string{left, held}, others...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := "." + lock.FileName + ".789"
	if err := os.Symlink(path, filepath.Join(dir, link)); err != nil {
		t.Fatal(err)
	}
	pipe := "." + lock.FileName + ".321" // whoever opens it waits for a writer
	if err := syscall.Mkfifo(filepath.Join(dir, pipe), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, held))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if changed, err := lock.Write(path, []byte("new")); err != nil || !changed {
		t.Fatalf("%t, %v", changed, err)
	}
	want := append(others, held, link, pipe, lock.FileName)
	slices.Sort(want)
	var got []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q are there, want %q", got, want)
	}
}
