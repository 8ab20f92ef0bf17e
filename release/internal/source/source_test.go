package source_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/release/internal/source"
)

// TestRead: what is built is named by its commit and the commit's own tags.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	// What people configure for their eyes changes nothing.
	git(t, dir, "config", "log.showSignature", "true")
	git(t, dir, "config", "core.abbrev", "5")
	write(t, filepath.Join(dir, "a"), "1")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "one")
	git(t, dir, "tag", "v0.0.9") // an older commit's

	write(t, filepath.Join(dir, "a"), "2")
	git(t, dir, "commit", "-qam", "two")
	revision := strings.TrimSpace(git(t, dir, "rev-parse", "HEAD"))
	pseudo := "v0.0.0-20260102030405-" + revision[:12]
	s := want(t, dir, "", pseudo)
	if at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC); s.Revision != revision || !s.Time.Equal(at) || s.Time.Location() != time.UTC {
		t.Errorf("Read = %s at %s, want %s at %s", s.Revision, s.Time, revision, at)
	}
	want(t, dir, "v9.0.0-rc.1", "v9.0.0-rc.1")
	for _, tag := range []string{"v0.9.0", "v0.10.0", "v0.10", "latest", "v1.0.0+build"} {
		git(t, dir, "tag", tag)
	}
	want(t, dir, "", "v0.10.0")

	// A file that git does not know may be compiled all the same.
	write(t, filepath.Join(dir, "b"), "")
	if s := want(t, dir, "", "v0.10.0-dirty"); !s.Dirty {
		t.Error("Dirty = false with a file that is not committed")
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	write(t, filepath.Join(dir, "a"), "1")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "one")
	for name, tt := range map[string]struct{ dir, version, reason string }{
		"no checkout":         {t.TempDir(), "", "not a git repository"},
		"no version":          {dir, "latest", `version "latest": want one such as v1.2.3`},
		"not in an image tag": {dir, "v1.2.3+linux", `version "v1.2.3+linux": want`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := source.Read(t.Context(), tt.dir, tt.version); err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Read = %v, want %q", err, tt.reason)
			}
		})
	}
}

func want(t *testing.T, dir, given, version string) source.Source {
	t.Helper()
	s, err := source.Read(t.Context(), dir, given)
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != version {
		t.Errorf("Version = %s, want %s", s.Version, version)
	}
	return s
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-01-02T04:04:05+01:00", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
