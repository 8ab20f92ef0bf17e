package host

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

// LockFile is the lock's name in a directory.
const LockFile = lock.FileName

// readLock reads a directory's own lock file; none is no error.
func readLock(dir string) ([]*v1alpha1.ModelLock, finding.List) {
	path := filepath.Join(dir, LockFile)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, unreadable(path, err)
	case !info.Mode().IsRegular():
		return nil, unreadable(path, errors.New("is no regular file"))
	}
	var c contents
	var p fn.Package
	findings := c.file(path, LockFile, plainTexts())
	if !findings.Refused() {
		p, findings = readIn(dir, nil, c)
	}
	fix := "restore the file from Git, or run `modelfn lock --update` and review the change"
	if raw, err := lock.Read(path); err == nil && conflicted(raw) {
		fix = "it holds a merge conflict: take one side whole (`git checkout --ours " + LockFile + "`), then run `modelfn lock`"
	}
	for i := range findings {
		findings[i].Fix = fix
	}
	if findings.Refused() {
		return nil, findings
	}
	for _, l := range p.Locks {
		delete(l.Metadata.Annotations, pathAnnotation)
		delete(l.Metadata.Annotations, indexAnnotation)
	}
	return p.Locks, findings
}

// conflicted tells whether Git left its marks in a file.
func conflicted(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("<<<<<<< ")) || bytes.Contains(raw, []byte("\n<<<<<<< "))
}

// settle lists the lock file in the kustomization, if there is one, and marks it
// as generated for code review. It yields the paths of what it changed.
func settle(dir string) (written []string, findings finding.List) {
	for _, step := range []func(string) (string, bool, error){listInKustomization, markGenerated} {
		path, changed, err := step(dir)
		if err != nil {
			findings = append(findings, unwritable(dir, err)...)
		}
		if changed {
			written = append(written, path)
		}
	}
	return written, findings
}

func unwritable(path string, err error) finding.List {
	return finding.List{{
		Rule: "unwritable", Severity: finding.Error, Resource: finding.Resource{File: path},
		Message: err.Error(), Fix: toWrite(err),
	}}
}

// toWrite is what has to be done before a file can be written. What was there is
// unchanged.
func toWrite(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on its file system"
	case errors.Is(err, syscall.EFBIG):
		return "allow files to be that long (ulimit -f)"
	case errors.Is(err, lock.ErrNoFile):
		return "remove what is there"
	}
	return "make the directory and its files writable"
}

const generatedMark = LockFile + " linguist-generated=true"

func markGenerated(dir string) (path string, changed bool, err error) {
	path = filepath.Join(dir, ".gitattributes")
	raw, err := lock.Read(path)
	if err != nil {
		return path, false, err
	}
	text := string(raw)
	if slices.Contains(strings.Split(text, "\n"), generatedMark) {
		return path, false, nil
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	changed, err = lock.Write(path, []byte(text+generatedMark+"\n"))
	return path, changed, err
}
