package host

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// unlistedLock: a lock that lies beside models and is not read.
func (d *doctor) unlistedLock(r reading) finding.List {
	path := filepath.Join(r.dir, LockFile)
	if _, err := os.Lstat(path); err != nil || len(r.deployments) == 0 {
		return nil
	}
	if slices.ContainsFunc(r.Resources, func(entry string) bool { return filepath.Clean(entry) == LockFile }) {
		return nil
	}
	if !slices.ContainsFunc(r.deployments, func(m declared) bool { return !locksInline(m) }) {
		return nil
	}
	return finding.List{d.about(r.layout, finding.Error, "unlisted-lock", "resources",
		LockFile+" lies beside it and is not listed: no render reads it", "run `modelfn lock` in this directory, or list the file")}
}

// locksInline tells whether a deployment brings its lock along.
func locksInline(m declared) bool {
	_, found, err := m.NestedSubObject("spec", "lock")
	return found && err == nil
}
