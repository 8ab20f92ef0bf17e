// Package source says which commit of modelfn is built: what everything that is
// made of it is named, labelled and dated by.
package source

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Source is a commit.
type Source struct {
	Dir      string // its checkout, absolute
	Revision string // the full hash
	Time     time.Time
	// Version is the commit's tag, such as v0.1.0, or Go's pseudo-version of it:
	// unlike `git describe` neither older tags nor the number of objects in the
	// clone have a say.
	Version string
	// Dirty: the checkout is not the commit, and the version says so.
	Dirty bool
}

// Read asks git. A version that is given wins over the commit's tag.
func Read(ctx context.Context, dir, version string) (Source, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Source{}, err
	}
	s := Source{Dir: dir}
	if s.Revision, err = git(ctx, dir, "rev-parse", "HEAD"); err != nil {
		return Source{}, err
	}
	if s.Time, err = committed(ctx, dir); err != nil {
		return Source{}, err
	}
	// An untracked file may be compiled, so it counts.
	changed, err := git(ctx, dir, "status", "--porcelain", "--untracked-files=all")
	if err != nil {
		return Source{}, err
	}
	s.Dirty = changed != ""
	if s.Version, err = named(ctx, s, version); err != nil {
		return Source{}, err
	}
	return s, nil
}

// named is the version of a commit.
func named(ctx context.Context, s Source, version string) (string, error) {
	switch {
	case version == "":
		tags, err := git(ctx, s.Dir, "tag", "--points-at", s.Revision)
		if err != nil {
			return "", err
		}
		for tag := range strings.FieldsSeq(tags) {
			if valid(tag) && (version == "" || semver.Compare(tag, version) > 0) {
				version = tag
			}
		}
	case !valid(version):
		return "", fmt.Errorf("version %q: want one such as v1.2.3 or v1.2.3-rc.1", version)
	}
	if version == "" {
		version = module.PseudoVersion("v0", "", s.Time, s.Revision[:12])
	}
	if s.Dirty {
		version += "-dirty"
	}
	return version, nil
}

// valid: build metadata (+) is none of an image tag's characters.
func valid(version string) bool {
	return semver.IsValid(version) && semver.Build(version) == "" && semver.Canonical(version) == version
}

func committed(ctx context.Context, dir string) (time.Time, error) {
	// The raw commit: what `git log` prints is the user's to configure.
	commit, err := git(ctx, dir, "cat-file", "commit", "HEAD")
	if err != nil {
		return time.Time{}, err
	}
	for line := range strings.Lines(commit) {
		if committer, ok := strings.CutPrefix(line, "committer "); ok {
			fields := strings.Fields(committer)
			seconds, err := strconv.ParseInt(fields[max(0, len(fields)-2)], 10, 64)
			return time.Unix(seconds, 0).UTC(), err
		}
	}
	return time.Time{}, errors.New("the commit has no committer")
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}
