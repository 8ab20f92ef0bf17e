package host

import (
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
)

// found is a directory that a walk came by.
type found struct {
	dir string
	// plain has no kustomization, but YAML files with these mentions.
	plain     bool
	models    []string
	platforms bool
}

// walk visits the directories below, in the order of their names, without the
// hidden ones. A link to a directory is not followed: it could lead anywhere, or
// in a circle. It is said, since there may be models in it.
func (s *scout) walk(dir string) (list []found, notes []string, findings finding.List) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, unreadable(dir, err)
	}
	if IsKustomization(dir) {
		list = append(list, found{dir: dir})
	} else {
		list = append(list, s.plain(dir))
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			below, more, bad := s.walk(path)
			list, notes, findings = append(list, below...), append(notes, more...), append(findings, bad...)
		case isLinkToDirectory(path, e):
			notes = append(notes, path+" is a symbolic link to a directory, and is not followed")
		}
	}
	return list, notes, findings
}

func (s *scout) plain(dir string) found {
	f := found{dir: dir, plain: true}
	for name := range yamlFiles(dir) {
		path := filepath.Join(dir, name)
		m := s.file(path)
		if m.deployment {
			f.models = append(f.models, path)
		}
		f.platforms = f.platforms || m.platform
	}
	return f
}

// yamlFiles are the names of a directory's own regular YAML files, without the
// lock.
func yamlFiles(dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.Type().IsRegular() && isYAML(e.Name()) && e.Name() != LockFile && !yield(e.Name()) {
				return
			}
		}
	}
}
