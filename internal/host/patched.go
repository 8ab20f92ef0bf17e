package host

import (
	"context"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

// Patched compares what the directory locks with what a build of it sees: a
// patch of the kustomization may put another entry in place of the one that was
// reviewed.
func (l *Locking) Patched(ctx context.Context, o Options) finding.List {
	if !IsKustomization(l.Dir) || !listed(l.Dir) {
		return nil
	}
	built, findings := collectWith(ctx, l.Dir, o, true)
	if findings.Refused() {
		return findings
	}
	written, seen := lock.NewIndex(slices.Concat(l.Own, l.Package.Locks)), lock.NewIndex(built.Locks)
	var out finding.List
	for _, d := range l.Package.Deployments {
		for _, uri := range lock.URIs(d.ModelDeployment) {
			a, errA := written.For(d.ModelDeployment)(uri)
			b, errB := seen.For(d.ModelDeployment)(uri)
			if errA == nil && errB == nil && (a == nil || b == nil || a.Digest == b.Digest) {
				continue // what is missing, and what is ambiguous already, is said elsewhere
			}
			message := fmt.Sprintf("%s is locked to one digest, and a build sees another", uri)
			if errB != nil {
				message = errB.Error()
			} else if errA == nil {
				message = fmt.Sprintf("%s is locked to %s, and a build of this kustomization sees %s", uri, a.Digest, b.Digest)
			}
			out = append(out, finding.Finding{
				Rule: "lock-patched", Severity: finding.Error, Resource: d.At, Field: "spec.model",
				Message: message, Fix: "remove what changes the ModelLock: a patch, a transformer, or a second lock of this name",
			})
		}
	}
	return out
}
