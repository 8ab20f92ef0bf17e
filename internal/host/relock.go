package host

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

// Write writes what is different, and only that: the lock file, and the files of
// deployments that carry their lock; the kustomization then lists the lock file.
// It yields the paths of what changed.
func (l *Locking) Write(locked fn.Locked) (written []string, findings finding.List) {
	for i := range l.Package.Deployments {
		if !l.carriesOther(locked, i) {
			continue
		}
		d := l.Package.Deployments[i]
		path := filepath.Join(l.Dir, l.fileOf(d))
		changed, err := setInline(path, d, locked.Entries[i])
		if err != nil {
			findings = append(findings, unwritable(path, err)...)
		}
		if changed {
			written = append(written, path)
		}
	}
	locks, more := l.fileLocks(locked)
	findings = append(findings, more...)
	if l.fileDiffers(locks) {
		path := filepath.Join(l.Dir, LockFile)
		if _, err := lock.Write(path, l.text(locks)); err != nil {
			return written, append(findings, unwritable(path, err)...)
		}
		written = append(written, path)
	}
	if l.hasFile(locks) {
		settled, more := settle(l.Dir)
		written, findings = append(written, settled...), append(findings, more...)
	}
	return written, findings
}

// carriesOther tells whether a deployment is to carry what it does not.
func (l *Locking) carriesOther(locked fn.Locked, i int) bool {
	d, entries := l.Package.Deployments[i], locked.Entries[i]
	return l.inline[i] && len(entries) > 0 && (d.Spec.Lock == nil || !slices.EqualFunc(entries, byURI(d.Spec.Lock.Models), artifact.SameEntry))
}

// byURI is the entries in the order in which they are written.
func byURI(entries []v1alpha1.LockedModel) []v1alpha1.LockedModel {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b v1alpha1.LockedModel) int { return cmp.Compare(a.URI, b.URI) })
}

// fileDiffers tells whether the lock file does not hold these locks.
func (l *Locking) fileDiffers(locks []*v1alpha1.ModelLock) bool {
	if !l.hasFile(locks) {
		return false
	}
	return l.Broken.Refused() || string(lock.Marshal(locks)) != string(lock.Marshal(l.file))
}

// hasFile tells whether there is a lock file, or has to be one.
func (l *Locking) hasFile(locks []*v1alpha1.ModelLock) bool {
	_, err := os.Lstat(filepath.Join(l.Dir, LockFile))
	return len(locks) > 0 || !errors.Is(err, os.ErrNotExist)
}

// Changes are those of the directory's lock. An inline lock keeps what bases
// hold too, and is left alone where the model is refused altogether.
func (l *Locking) Changes(locked fn.Locked) []fn.Change {
	keeps := map[string]bool{}
	for i, d := range l.Package.Deployments {
		if !l.inline[i] {
			continue
		}
		for _, e := range l.inlineEntries(locked, i) {
			keeps[nameOf(d)+" "+e.URI] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(locked.Changes), func(c fn.Change) bool {
		return c.To == nil && keeps[c.Deployment+" "+c.From.URI]
	})
}

// inlineEntries is what the deployment is to carry.
func (l *Locking) inlineEntries(locked fn.Locked, i int) []v1alpha1.LockedModel {
	if d := l.Package.Deployments[i]; len(locked.Entries[i]) == 0 && d.Spec.Lock != nil {
		return d.Spec.Lock.Models
	}
	return locked.Entries[i]
}

// fileLocks is what the lock file is to hold: what does not stand inline.
func (l *Locking) fileLocks(locked fn.Locked) ([]*v1alpha1.ModelLock, finding.List) {
	locks := slices.Clone(locked.Locks)
	var findings finding.List
	for i, d := range l.Package.Deployments {
		own := lock.Name(d.Metadata.Name, lock.URIs(d.ModelDeployment))
		drop := l.inline[i]
		if l.elsewhere[i] && len(locked.Entries[i]) > 0 {
			findings = append(findings, finding.Finding{
				Rule: "not-in-directory", Severity: finding.Error, Resource: d.At,
				Message: fmt.Sprintf("no file in %s holds this ModelDeployment under this name, so it cannot carry its lock: it is a base's, or the kustomization renames it", l.Dir),
				Fix:     "lock it without --inline, or run `modelfn lock --inline` in the directory of its file",
			})
		}
		if !l.inline[i] && disagree(d.Spec.Lock, locked.Entries[i]) {
			drop = true
			findings = append(findings, finding.Finding{
				Rule: "locked-in-base", Severity: finding.Error, Resource: d.At, Field: "spec.lock",
				Message: "a base carries a lock of these URIs, to something else",
				Fix:     "run `modelfn lock` with the same flags in the base's directory",
			})
		}
		if drop {
			locks = slices.DeleteFunc(locks, func(l *v1alpha1.ModelLock) bool {
				return l.Metadata.Name == own && l.Metadata.Namespace == d.Metadata.Namespace
			})
		}
	}
	return locks, findings
}

// disagree tells whether an inline lock holds one of the entries at another
// digest.
func disagree(inline *v1alpha1.ModelLockSpec, entries []v1alpha1.LockedModel) bool {
	return inline != nil && slices.ContainsFunc(entries, func(e v1alpha1.LockedModel) bool {
		return slices.ContainsFunc(inline.Models, func(m v1alpha1.LockedModel) bool { return m.URI == e.URI && m.Digest != e.Digest })
	})
}
