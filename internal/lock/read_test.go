package lock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/lock"
)

// TestReadRefuses: nothing endless, nothing huge, and what is to be replaced is
// no link, whose target would end up in the repository.
func TestReadRefuses(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	for _, err := range []error{
		os.Mkdir(at("directory"), 0o755),
		os.WriteFile(at("long"), nil, 0o644), os.Truncate(at("long"), 16<<20+1),
		os.WriteFile(at("file"), []byte("text"), 0o644), os.Symlink("file", at("link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]struct{ read, bounded string }{
		"long":      {"has 16777217 bytes, at most 16777216 are read", "has 16777217 bytes, at most 16777216 are read"},
		"directory": {"is no regular file", "is no regular file"},
		"link":      {"is no regular file", ""},
		"nowhere":   {"", "no such file"},
		"file":      {"", ""},
	} {
		_, err := lock.Read(at(name))
		match(t, "Read "+name, err, want.read)
		_, err = lock.ReadBounded(at(name))
		match(t, "ReadBounded "+name, err, want.bounded)
	}
	if raw, err := lock.ReadBounded(at("link")); string(raw) != "text" || err != nil {
		t.Errorf("through a link: %q, %v", raw, err)
	}
}

func match(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}
