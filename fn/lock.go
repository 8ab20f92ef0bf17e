package fn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/validators"
)

// LockOptions say how Lock treats what is locked already.
type LockOptions struct {
	// Update tells which of a deployment's URIs are resolved again; nil is none.
	Update func(d *v1alpha1.ModelDeployment, uri string) bool
	// Own is the directory's own lock; what other locks of the package (bases')
	// hold is not written again.
	Own []*v1alpha1.ModelLock
	// Offline asks no registry: what is not locked is a finding.
	Offline bool
}

// Locked is the outcome of Lock.
type Locked struct {
	// Locks are what the directory's lock file should hold.
	Locks []*v1alpha1.ModelLock
	// Entries are all entries in use, by deployment in the package's order.
	Entries [][]v1alpha1.LockedModel
	// Changes are what is different from Own.
	Changes []Change
	// Skipped names the places that were not searched for evidence, since there
	// was enough.
	Skipped []string
}

// Lock resolves what the package's deployments name, with its evidence. What
// is locked stays as it is while its evidence satisfies the platform; where it
// does not, evidence is fetched again for the locked digest. For a refused model
// nothing is written: it gets no entry, or keeps the one it has. When anything
// could not be found out, a finding is Unknown and the result must not be written.
func Lock(ctx context.Context, p Package, cfg Config, o LockOptions) (Locked, finding.List) {
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if platform == nil || findings.Refused() {
		return Locked{}, findings
	}
	source, err := cfg.lockSource(platform)
	if err != nil {
		return Locked{}, append(findings, badSource(err)...)
	}
	bases := p.Locks
	l := locking{
		options: o, platform: platform, findings: findings,
		bases: bases, inBases: lock.NewIndex(bases), index: lock.NewIndex(slices.Concat(o.Own, bases)),
		kept: map[model.Part]Pinned{}, asked: map[model.Part]question{}, todo: map[question]*model.Platform{},
	}
	var models []*model.Model
	for _, d := range p.Deployments {
		m := model.New(d.ModelDeployment, d.At, platform)
		models = append(models, m)
		l.keep(ctx, m)
	}
	results := pinURIs(ctx, source, l.todo, cfg)
	for _, m := range models {
		l.assemble(m, results)
	}
	l.out.Changes, l.out.Skipped = changes(o.Own, l.out.Locks, l.settled), skipped(l.settled)
	return l.out, l.findings.Sorted()
}

// locking is one run of Lock.
type locking struct {
	options  LockOptions
	platform *model.Platform
	// bases are the package's locks without the directory's own.
	bases          []*v1alpha1.ModelLock
	index, inBases lock.Index
	// kept is what is locked already and holds; asked what a registry is asked,
	// and todo the same without repeats.
	kept  map[model.Part]Pinned
	asked map[model.Part]question
	todo  map[question]*model.Platform

	settled  []Pinned
	out      Locked
	findings finding.List
}

// keep looks, offline, at what is locked for a deployment, and notes what is to
// be resolved.
func (l *locking) keep(ctx context.Context, m *model.Model) {
	entries := l.index.For(m.Deployment)
	source := artifact.Routed{OCI: artifact.Locked(entries), Other: artifact.Stated{}}
	for _, part := range m.Parts() {
		uri := part.URI()
		if l.options.Update != nil && l.options.Update(m.Deployment, uri) {
			l.ask(m, part, "")
			continue
		}
		r := Pin(ctx, source, m, part)
		switch {
		case part.Trusted():
			l.kept[part] = r
		case l.options.Offline:
			// Whatever it lacks, nobody is asked.
		case part.Failed() == nil, errors.Is(part.Failed(), artifact.ErrNotLocked):
			// With a digest, its evidence does not satisfy the platform any more,
			// or an artifact that it refers to is missing.
			l.ask(m, part, r.Pinned.Digest())
		case errors.Is(part.Failed(), artifact.ErrOldLock):
			// Whatever the tag names by now: only how it is written is old.
			if e, err := entries(uri); err == nil && e != nil {
				l.ask(m, part, artifact.DigestOf(e.Manifest))
			}
		default:
			// An edited lock, or two that disagree: reported, not repaired unasked.
		}
	}
}

// ask notes a question, at the locked digest where there is one.
func (l *locking) ask(m *model.Model, part model.Part, at artifact.Digest) {
	q := questionOf(m, part)
	q.at = at
	l.asked[part], l.todo[q] = q, l.platform
}

// assemble makes a deployment's lock of what was kept and what was resolved.
func (l *locking) assemble(m *model.Model, results map[question]Pinned) {
	var all, entries []v1alpha1.LockedModel
	for _, part := range m.Parts() {
		r, kept := l.kept[part]
		if q, ok := l.asked[part]; ok {
			r = results[q]
			r.fill(part)
		}
		switch {
		case !part.Trusted():
			l.findings = append(l.findings, validators.Refusal(m, part))
			// Nothing is written for it. What was locked stays, and each render
			// refuses it again: without its entry the next run would resolve the
			// tag anew, which may have moved.
			list := l.before(m.Deployment, part.URI())
			all = append(all, list...)
			entries = append(entries, l.notInBases(m.Deployment, list, sameDigest)...)
		case kept:
			l.settled = append(l.settled, r)
			list := l.asLocked(m.Deployment, r, sameDigest)
			all = append(all, list...)
			entries = append(entries, l.notInBases(m.Deployment, list, sameDigest)...)
		default:
			l.settled = append(l.settled, r)
			list := l.asLocked(m.Deployment, r, artifact.SameEntry)
			all = append(all, list...)
			entries = append(entries, l.notInBases(m.Deployment, list, artifact.SameEntry)...)
		}
	}
	l.findings = append(l.findings, validators.Gaps(m)...)
	l.out.Entries = append(l.out.Entries, sortedEntries(all))
	if len(entries) == 0 {
		return
	}
	own := lock.New(m.Deployment, sortedEntries(entries))
	for _, base := range l.bases {
		if base.Metadata.Name == own.Metadata.Name {
			// Two locks of one name cannot be in one build.
			l.findings = append(l.findings, finding.Finding{
				Rule: "locked-in-base", Severity: finding.Error, Resource: m.Resource, Field: "spec.model",
				Message: fmt.Sprintf("a base locks these URIs (%s), to something else", own.Metadata.Name),
				Fix:     "run `modelfn lock` with the same flags in the base's directory",
			})
			return
		}
	}
	l.out.Locks = append(l.out.Locks, own)
}

// asLocked are the entries, as they are written already where that is the same.
func (l *locking) asLocked(d *v1alpha1.ModelDeployment, r Pinned, same func(a, b v1alpha1.LockedModel) bool) []v1alpha1.LockedModel {
	lookup := l.index.For(d)
	entries := r.entries()
	for i := range entries {
		if e, err := lookup(entries[i].URI); err == nil && e != nil && same(*e, entries[i]) {
			entries[i] = *e
		}
	}
	return entries
}

// before are the entries of a URI, and of what they say they refer to, as they
// are locked. Nothing in them is believed.
func (l *locking) before(d *v1alpha1.ModelDeployment, uri string) []v1alpha1.LockedModel {
	lookup := l.index.For(d)
	var out []v1alpha1.LockedModel
	seen := map[string]bool{}
	for todo := []string{uri}; len(todo) > 0; todo = todo[1:] {
		if seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		if e, err := lookup(todo[0]); err == nil && e != nil {
			out = append(out, *e)
			todo = append(todo, e.References...)
		}
	}
	return out
}

// notInBases are the entries that the bases' locks do not hold already: the
// others follow the bases when those are updated.
func (l *locking) notInBases(d *v1alpha1.ModelDeployment, entries []v1alpha1.LockedModel, same func(a, b v1alpha1.LockedModel) bool) []v1alpha1.LockedModel {
	lookup := l.inBases.For(d)
	return slices.DeleteFunc(slices.Clone(entries), func(e v1alpha1.LockedModel) bool {
		base, err := lookup(e.URI)
		// Bases that disagree: written again here.
		return err == nil && base != nil && same(*base, e)
	})
}

func sameDigest(a, b v1alpha1.LockedModel) bool { return a.Digest == b.Digest }
