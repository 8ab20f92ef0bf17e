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
	var out Locked
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if platform == nil || findings.Refused() {
		return out, findings
	}
	registry, err := cfg.source(platform)
	if err != nil {
		return out, append(findings, finding.Finding{Rule: "internal", Severity: finding.Error, Message: err.Error(), Fix: "check the docker configuration"})
	}
	bases := slices.DeleteFunc(slices.Clone(p.Locks), func(l *v1alpha1.ModelLock) bool {
		return slices.ContainsFunc(o.Own, func(own *v1alpha1.ModelLock) bool { return own.Metadata.Name == l.Metadata.Name })
	})
	var models []*model.Model
	for _, d := range p.Deployments {
		models = append(models, model.New(d.ModelDeployment, d.At, platform))
	}
	// Offline first: what is locked and holds.
	kept := map[*model.Version]v1alpha1.LockedModel{}
	fromBase := map[*model.Version]bool{}
	todo := map[string]*model.Platform{}
	ambiguous := map[*model.Model]bool{}
	at := map[string]artifact.Digest{}
	for _, m := range models {
		own, err := lock.Select(m.Deployment, append(slices.Clone(o.Own), bases...))
		if err != nil && !o.Update {
			findings = append(findings, finding.Finding{
				Rule: "ambiguous-lock", Severity: finding.Error, Resource: m.Resource, Field: "spec.model",
				Message: err.Error(), Fix: "remove one of the two locks, or run `modelfn lock --update` so that both name one digest",
			})
			ambiguous[m] = true
			continue
		}
		inBases, _ := lock.Select(m.Deployment, bases)
		for _, v := range m.Versions() {
			entry, ok := find(own, v.Spec.Model)
			if ok && !o.Update {
				Pin(ctx, artifact.NewLocked(own), platform, v)
				if v.Trusted() {
					kept[v] = entry
					base, ok := find(inBases, v.Spec.Model)
					fromBase[v] = ok && base.Digest == entry.Digest
					continue
				}
				if v.Err != nil {
					continue // an edited lock: reported below, not repaired unasked
				}
				at[v.Spec.Model] = v.Artifact.Digest()
			}
			todo[v.Spec.Model] = platform
		}
	}
	results := pinURIs(ctx, pinnedAt{registry, at}, todo)
	for _, m := range models {
		if ambiguous[m] {
			out.Entries = append(out.Entries, nil)
			continue
		}
		var entries []v1alpha1.LockedModel
		based := true
		for _, v := range m.Versions() {
			if entry, ok := kept[v]; ok {
				entries = append(entries, entry)
				based = based && fromBase[v]
				continue
			}
			if r, ok := results[v.Spec.Model]; ok && v.Err == nil {
				v.Artifact, v.Verdict, v.Err = r.Pinned.Artifact, r.Verdict, r.Err
				if r.Err == nil && v.Trusted() {
					entries = append(entries, r.Pinned.Lock(r.Verdict.Counted()))
					out.note(v, r)
					based = false
				}
			}
			switch {
			case v.Err != nil:
				findings = append(findings, validators.PinFinding(m.Resource, *v))
			case !v.Trusted():
				findings = append(findings, validators.TrustFinding(m.Resource, *v, platform))
			}
		}
		slices.SortFunc(entries, byURI)
		entries = slices.CompactFunc(entries, func(a, b v1alpha1.LockedModel) bool { return a.URI == b.URI })
		out.Entries = append(out.Entries, entries)
		if len(entries) > 0 && !based {
			out.Locks = append(out.Locks, lock.New(m.Deployment, entries))
		}
	}
	return out, findings.Sorted()
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
