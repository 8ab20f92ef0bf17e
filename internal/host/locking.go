package host

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

// Locking is a directory whose lock is looked at, or written anew.
type Locking struct {
	Dir     string
	Package fn.Package
	// Own is what the directory itself locks, in its file and inline.
	Own []*v1alpha1.ModelLock
	// Broken says why the lock file cannot be read.
	Broken finding.List

	file []*v1alpha1.ModelLock
	// files are those of the directory's own ModelDeployments, by namespace and name.
	files map[[2]string]string
	// inline is, by deployment, whether its lock stands, or is to stand, in its
	// own file; elsewhere, whether it should and that file is not here.
	inline, elsewhere []bool
}

// Open reads the directory as a build would, and what it locks. A deployment
// that carries its lock goes on to carry it; with inline, each does.
func (t Target) Open(ctx context.Context, o Options, inline bool) (*Locking, finding.List) {
	p, findings := t.read(ctx, o, false)
	if findings.Refused() {
		return nil, findings
	}
	l := &Locking{Dir: t.Dir, Package: p, files: deploymentsIn(t.Dir)}
	l.file, l.Broken = readLock(t.Dir)
	l.Own = slices.Clone(l.file)
	l.inline, l.elsewhere = make([]bool, len(p.Deployments)), make([]bool, len(p.Deployments))
	for i, d := range p.Deployments {
		carries := d.Spec.Lock != nil
		switch here := l.fileOf(d) != ""; {
		case here && (inline || carries):
			l.inline[i] = true
			if carries {
				l.Own = append(l.Own, lock.New(d.ModelDeployment, d.Spec.Lock.Models))
			}
		case carries:
			// A base's: as good as its file.
			l.Package.Locks = append(l.Package.Locks, baseInline(d))
		case inline:
			l.elsewhere[i] = true
		}
	}
	return l, findings
}

// Read reads the directory as a build would, its own lock included.
func (t Target) Read(ctx context.Context, o Options) (fn.Package, finding.List) {
	return t.read(ctx, o, true)
}

// read finds the platform of plain files around them, where they have none.
func (t Target) read(ctx context.Context, o Options, ownLock bool) (fn.Package, finding.List) {
	p, findings := collectWith(ctx, t.Dir, o, ownLock)
	if !findings.Refused() && len(p.Platforms) == 0 && !IsKustomization(t.Dir) {
		var more finding.List
		p.Platforms, more = platformsOf(t.around)
		findings = append(findings, more...)
	}
	return p, findings
}

// baseInline is a base's inline lock as one of its own name: it never stands for
// what this directory writes.
func baseInline(d fn.Deployment) *v1alpha1.ModelLock {
	l := lock.New(d.ModelDeployment, d.Spec.Lock.Models)
	l.Metadata.Name = "spec.lock of " + d.Metadata.Name
	return l
}

// platformsOf are the platforms in directories of plain files.
func platformsOf(dirs []string) ([]fn.Platform, finding.List) {
	var out []fn.Platform
	for _, dir := range dirs {
		c, findings := readDirectory(dir, false, "", plainTexts())
		if findings.Refused() {
			return nil, findings
		}
		p, findings := readIn(dir, nil, contents{fn.Package{Platforms: c.own.Platforms}, c.items.Where(isPlatform)})
		if findings.Refused() {
			return nil, findings
		}
		out = append(out, p.Platforms...)
	}
	return out, nil
}

func isPlatform(o *krm.KubeObject) bool {
	return isOwnKind(o) && o.GetKind() == v1alpha1.KindModelPlatform
}

// fileOf is the file of the directory that holds the deployment, or "".
func (l *Locking) fileOf(d fn.Deployment) string {
	return l.files[[2]string{d.Metadata.Namespace, d.Metadata.Name}]
}

// nameOf is the deployment as changes name it.
func nameOf(d fn.Deployment) string {
	return strings.TrimPrefix(d.Metadata.Namespace+"/"+d.Metadata.Name, "/")
}

// Name is the lock's file, or the directory where there is none.
func (l *Locking) Name() string {
	if _, err := os.Lstat(filepath.Join(l.Dir, LockFile)); err != nil {
		return l.Dir
	}
	return filepath.Join(l.Dir, LockFile)
}

// Locks tells whether it is the directory itself that holds the entry.
func (l *Locking) Locks(e *v1alpha1.LockedModel) bool {
	return slices.ContainsFunc(l.Own, func(own *v1alpha1.ModelLock) bool {
		return slices.ContainsFunc(own.Spec.Models, func(m v1alpha1.LockedModel) bool { return m.URI == e.URI && m.Digest == e.Digest })
	})
}
