package watch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/watch"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	// The reader is started by another program, by a path from where it stands.
	seen := watch.Run(t, watch.Command{Root: "/", Path: "/bin/sh", Args: []string{"-c", "/bin/cat link; exit 3"}, Dir: dir})
	if seen.Stdout != "text" || seen.ExitCode != 3 {
		t.Errorf("exit %d, %q", seen.ExitCode, seen.Stdout)
	}
	want := watch.Access{Call: "openat", Path: filepath.Join(dir, "link"), Opened: filepath.Join(dir, "file")}
	if !slices.Contains(seen.Files, want) {
		t.Errorf("no %+v in %+v", want, seen.Files)
	}
	if len(seen.Network) > 0 {
		t.Errorf("no socket, but %q", seen.Network)
	}
}

func TestRunSeesTheNetwork(t *testing.T) {
	seen := watch.Run(t, watch.Command{Root: "/", Path: "/bin/bash", Args: []string{"-c", "exec 3<>/dev/tcp/127.0.0.1/1"}, Dir: "/"})
	if !slices.ContainsFunc(seen.Network, func(call string) bool {
		return strings.HasPrefix(call, "connect(") && strings.Contains(call, `inet_addr("127.0.0.1")`)
	}) {
		t.Errorf("exit %d (%s), and no connect in %q", seen.ExitCode, seen.Stderr, seen.Network)
	}
}
