package fn

import (
	"context"
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
	// Update resolves every tag again.
	Update bool
	// Own is the directory's own lock; what other locks of the package (bases')
	// hold is not written again.
	Own []*v1alpha1.ModelLock
}

// Locked is the outcome of Lock.
type Locked struct {
	// Locks are what the directory's lock file should hold.
	Locks []*v1alpha1.ModelLock
	// Entries are all entries in use, by deployment in the package's order.
	Entries [][]v1alpha1.LockedModel
	// Notes say what was done, a line each.
	Notes []string
}

// Lock resolves what the package's deployments name, with its evidence. What
// is locked stays as it is while its evidence satisfies the platform; where it
// does not, evidence is fetched again for the locked digest. A refused model
// gets no entry. When anything could not be found out, a finding is Unknown
// and the result must not be written.
func Lock(ctx context.Context, p Package, cfg Config, o LockOptions) (Locked, finding.List) {
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if platform == nil || findings.Refused() {
		return Locked{}, findings
	}
	registry, err := cfg.source(platform)
	if err != nil {
		return Locked{}, append(findings, finding.Finding{Rule: "internal", Severity: finding.Error, Message: err.Error(), Fix: "check the docker configuration"})
	}
	l := locking{
		options: o, platform: platform, findings: findings,
		bases: slices.DeleteFunc(slices.Clone(p.Locks), func(l *v1alpha1.ModelLock) bool {
			return slices.ContainsFunc(o.Own, func(own *v1alpha1.ModelLock) bool { return own.Metadata.Name == l.Metadata.Name })
		}),
		kept: map[*model.Version]kept{}, todo: map[string]*model.Platform{}, at: map[string]artifact.Digest{},
	}
	var models []*model.Model
	for _, d := range p.Deployments {
		m := model.New(d.ModelDeployment, d.At, platform)
		models = append(models, m)
		l.keep(ctx, m)
	}
	results := pinURIs(ctx, pinnedAt{registry, l.at}, l.todo)
	for _, m := range models {
		l.assemble(m, results)
	}
	return l.out, l.findings.Sorted()
}

// locking is one run of Lock.
type locking struct {
	options  LockOptions
	platform *model.Platform
	// bases are the package's locks without the directory's own.
	bases []*v1alpha1.ModelLock
	// kept is what is locked already and holds; todo the URIs to ask a registry
	// for, at a locked digest where there is one.
	kept map[*model.Version]kept
	todo map[string]*model.Platform
	at   map[string]artifact.Digest

	out      Locked
	findings finding.List
}

type kept struct {
	entry v1alpha1.LockedModel
	// based: a base's lock says the same.
	based bool
}

// keep looks, offline, at what is locked for a deployment, and notes what is to
// be resolved.
func (l *locking) keep(ctx context.Context, m *model.Model) {
	locked, err := lock.Select(m.Deployment, append(slices.Clone(l.options.Own), l.bases...))
	if err != nil && !l.options.Update {
		l.findings = append(l.findings, ambiguous(m, err))
		return
	}
	inBases, _ := lock.Select(m.Deployment, l.bases) // disagreeing bases: written again here
	for _, v := range m.Versions() {
		entry, ok := find(locked, v.Spec.Model)
		if !ok || l.options.Update {
			l.todo[v.Spec.Model] = l.platform
			continue
		}
		Pin(ctx, artifact.NewLocked(locked), l.platform, v)
		switch {
		case v.Trusted():
			base, ok := find(inBases, v.Spec.Model)
			l.kept[v] = kept{entry, ok && base.Digest == entry.Digest}
		case v.Err == nil:
			l.todo[v.Spec.Model] = l.platform
			l.at[v.Spec.Model] = v.Artifact.Digest()
		default:
			// An edited lock: reported, not repaired unasked.
		}
	}
}

// assemble makes a deployment's lock of what was kept and what was resolved.
func (l *locking) assemble(m *model.Model, results map[string]Pinned) {
	var entries []v1alpha1.LockedModel
	based := true
	for _, v := range m.Versions() {
		if k, ok := l.kept[v]; ok {
			entries = append(entries, k.entry)
			based = based && k.based
			continue
		}
		r, resolved := results[v.Spec.Model]
		if !resolved && v.Err == nil {
			continue // ambiguous, and reported
		}
		if resolved && v.Err == nil {
			v.Artifact, v.Verdict, v.Err = r.Pinned.Artifact, r.Verdict, r.Err
		}
		switch {
		case v.Err != nil:
			l.findings = append(l.findings, validators.PinFinding(m.Resource, *v))
		case !v.Trusted():
			l.findings = append(l.findings, validators.TrustFinding(m.Resource, *v, l.platform))
		default:
			entries = append(entries, r.Pinned.Lock(r.Verdict.Counted()))
			l.out.note(v, r)
			based = false
		}
	}
	slices.SortFunc(entries, byURI)
	entries = slices.CompactFunc(entries, func(a, b v1alpha1.LockedModel) bool { return a.URI == b.URI })
	l.out.Entries = append(l.out.Entries, entries)
	if len(entries) == 0 || based {
		return
	}
	own := lock.New(m.Deployment, entries)
	for _, base := range l.bases {
		switch {
		case base.Metadata.Name != own.Metadata.Name:
		case lock.Digest(base.Spec.Models) == lock.Digest(entries):
			return // the base says it already
		default:
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

func (l *Locked) note(v *model.Version, r Pinned) {
	line := fmt.Sprintf("locked %s at %s, signed by %s", v.Spec.Model, v.Artifact.Digest(), v.Verdict.AuthorityNames())
	if n := len(r.Pinned.Evidence) - len(r.Verdict.Counted()); n > 0 {
		line += fmt.Sprintf("; skipped %d pieces of evidence the policy does not need", n)
	}
	if !slices.Contains(l.Notes, line) {
		l.Notes = append(l.Notes, line)
	}
}

// ambiguous says that two locks disagree about a URI.
func ambiguous(m *model.Model, err error) finding.Finding {
	return finding.Finding{
		Rule: "ambiguous-lock", Severity: finding.Error, Resource: m.Resource, Field: "spec.model",
		Message: err.Error(), Fix: "remove one of the two locks, or run `modelfn lock --update` so that both name one digest",
	}
}

func find(entries []v1alpha1.LockedModel, uri string) (v1alpha1.LockedModel, bool) {
	for _, e := range entries {
		if e.URI == uri {
			return e, true
		}
	}
	return v1alpha1.LockedModel{}, false
}

// pinnedAt is a Source that asks for the digest a URI is locked to, where it
// is, instead of its tag.
type pinnedAt struct {
	artifact.Source
	at map[string]artifact.Digest
}

// Pin pins the reference at its locked digest.
func (p pinnedAt) Pin(ctx context.Context, ref artifact.Reference) (artifact.Pinned, error) {
	if d, ok := p.at[ref.String()]; ok {
		ref = ref.At(d)
	}
	return p.Source.Pin(ctx, ref)
}
