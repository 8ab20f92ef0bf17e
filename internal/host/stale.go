package host

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// Stale compares the directory's lock with what an offline Lock made of it, and
// with the findings of that: a line for everything that `modelfn lock` would
// change or refuse. What differs is a finding, too.
func (l *Locking) Stale(locked fn.Locked, refused finding.List) (lines []string, findings finding.List) {
	if locked.Entries == nil {
		return nil, nil // nothing is known
	}
	named := map[string]bool{}
	for _, d := range l.Package.Deployments {
		uris := urisOf(d)
		for _, uri := range uris {
			named[nameOf(d)+" "+uri] = true
		}
		for _, f := range refused {
			if f.Severity == finding.Error && f.Resource == d.At {
				what := cmp.Or(uris[strings.TrimSuffix(f.Field, ".model")], f.Field)
				lines = append(lines, fmt.Sprintf("%s  %s  %s", nameOf(d), what, f.Rule))
			}
		}
	}
	lines = slices.Compact(slices.Sorted(slices.Values(lines)))
	before := len(lines)
	for _, c := range l.Changes(locked) {
		// An entry that does not hold is a finding.
		if c.To != nil || !named[c.Deployment+" "+c.From.URI] {
			lines = append(lines, c.String())
		}
	}
	locks, findings := l.fileLocks(locked)
	if len(refused) == 0 && len(lines) == 0 {
		lines = l.moved(locked, locks)
	}
	if len(locks) > 0 && !listed(l.Dir) {
		lines = append(lines, fmt.Sprintf("%s  does not list %s", kustomizationFile(l.Dir), LockFile))
	}
	if len(lines) > before {
		findings = append(findings, finding.Finding{
			Rule: "stale-lock", Severity: finding.Error, Resource: finding.Resource{File: l.Name()},
			Message: "the lock is not what `modelfn lock` would write", Fix: "run `modelfn lock` in this directory, and commit what it writes",
		})
	}
	return lines, findings
}

// moved is what would be written though no entry is another: it stands twice, or
// in the other of file and deployment.
func (l *Locking) moved(locked fn.Locked, locks []*v1alpha1.ModelLock) []string {
	var out []string
	if l.fileDiffers(locks) {
		out = append(out, LockFile+"  is not as it would be written")
	}
	for i, d := range l.Package.Deployments {
		if l.carriesOther(locked, i) {
			out = append(out, nameOf(d)+"  spec.lock  is not as it would be written")
		}
	}
	return out
}

// urisOf are a deployment's model URIs, by the field of their version.
func urisOf(d fn.Deployment) map[string]string {
	out := map[string]string{"spec": d.Spec.Model}
	if c := d.Spec.Canary; c != nil {
		out["spec.canary"] = cmp.Or(c.Model, d.Spec.Model)
	}
	if c := d.Spec.Shadow; c != nil {
		out["spec.shadow"] = cmp.Or(c.Model, d.Spec.Model)
	}
	return out
}
