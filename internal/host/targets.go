package host

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// Named is a directory on the command line.
type Named struct {
	Dir string
	// Below names all directories below it, too.
	Below bool
}

// Target is a directory that is locked by itself, with a lock file of its own.
type Target struct {
	Dir string
	// Found by a walk, and not named: without a model it is passed over.
	Found bool
	// Base: another target's kustomization reads it. Whatever keeps it from being
	// locked by itself (there is no platform, a field is missing) is the other's
	// matter: it builds the same, perhaps mended by patches, and locks it.
	Base bool

	abs string
	// around are the directories whose platform holds where it has none itself.
	around []string
	reach  reach
	models []string
}

// Targets are the directories to lock: those named, and of those below each
// kustomization and each directory of plain files with a model. Bases stand
// before what reads them, so that overlays find them locked. The notes say what
// was passed over.
func Targets(named []Named, root string) (targets []Target, notes []string, findings finding.List) {
	s := &scout{root: root, seen: map[string]mention{}}
	var all []*Target
	for _, n := range named {
		more, said, bad := s.expand(n)
		all, notes, findings = append(all, more...), append(notes, said...), append(findings, bad...)
	}
	all = distinct(all)
	for _, t := range all {
		t.Base = slices.ContainsFunc(all, func(other *Target) bool {
			// In a circle each would leave it to the other.
			return other.builds() && other.reach.dirs[t.abs] && !t.reach.dirs[other.abs]
		})
	}
	all = slices.DeleteFunc(all, func(t *Target) bool {
		note, drop := superfluous(t, all)
		if note != "" {
			notes = append(notes, note)
		}
		return drop
	})
	for _, t := range inOrder(all) {
		targets = append(targets, *t)
	}
	return targets, notes, findings
}

// builds tells whether it is built by itself.
func (t *Target) builds() bool { return !t.reach.component }

// expand is a named directory, or what a walk below it finds.
func (s *scout) expand(n Named) ([]*Target, []string, finding.List) {
	if !n.Below {
		t := &Target{Dir: filepath.Clean(n.Dir)}
		if IsKustomization(t.Dir) {
			t.reach = s.reach(t.Dir)
		}
		return []*Target{t}, nil, nil
	}
	list, notes, findings := s.walk(filepath.Clean(n.Dir))
	var platforms []string
	for _, f := range list {
		if f.platforms {
			platforms = append(platforms, f.dir)
		}
	}
	var out []*Target
	for _, f := range list {
		t := &Target{Dir: f.dir, Found: true, models: f.models}
		if f.plain {
			t.around = nearest(f.dir, platforms)
		} else {
			t.reach = s.reach(f.dir)
		}
		if len(t.models) > 0 || t.reach.mentions {
			out = append(out, t)
		}
	}
	return out, notes, findings
}

// nearest is the closest parent, or else all of the directories: `build -R` of
// the tree reads them together, and refuses platforms that differ.
func nearest(dir string, among []string) []string {
	for at := dir; ; at = filepath.Dir(at) {
		if slices.Contains(among, at) {
			return []string{at}
		}
		if at == filepath.Dir(at) {
			return among
		}
	}
}

// distinct is each directory once; that it was named counts.
func distinct(all []*Target) []*Target {
	var out []*Target
	byPath := map[string]*Target{}
	for _, t := range all {
		t.abs = t.Dir
		if abs, err := evaluate(t.Dir); err == nil {
			t.abs = abs
		}
		if first := byPath[t.abs]; first != nil {
			first.Found = first.Found && t.Found
			first.around = append(first.around, t.around...)
			continue
		}
		byPath[t.abs] = t
		out = append(out, t)
	}
	return out
}

// superfluous tells whether what was found is locked with another: a component,
// or files that a kustomization lists one by one.
func superfluous(t *Target, all []*Target) (note string, drop bool) {
	switch {
	case !t.Found:
		return "", false
	case t.reach.component && !t.Base:
		return fmt.Sprintf("%s is a component that no kustomization here names: it is not locked by itself", t.Dir), true
	case t.reach.component:
		return "", true
	case len(t.models) == 0:
		return "", false
	}
	for _, file := range t.models {
		abs, err := evaluate(file)
		if err != nil || !slices.ContainsFunc(all, func(other *Target) bool { return other.builds() && other.reach.files[abs] }) {
			return "", false
		}
	}
	return "", true
}

// inOrder puts what is read before what reads it, and else keeps the order. A
// circle, which no build survives, ends somewhere.
func inOrder(all []*Target) []*Target {
	var out []*Target
	done := map[*Target]bool{}
	var visit func(t *Target)
	visit = func(t *Target) {
		if done[t] {
			return
		}
		done[t] = true
		for _, other := range all {
			if t.reach.dirs[other.abs] {
				visit(other)
			}
		}
		out = append(out, t)
	}
	for _, t := range all {
		visit(t)
	}
	return out
}
