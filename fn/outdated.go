package fn

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/validators"
)

// Resolver asks what a reference names now.
type Resolver interface {
	Resolve(ctx context.Context, ref artifact.Reference) (artifact.Digest, error)
}

// Outdated asks registries which of the locked tags have moved. It fetches no
// evidence and changes nothing: whether a new digest is trusted shows when it is
// locked. A model that is not locked is none of its business.
func Outdated(ctx context.Context, p Package, cfg Config, o LockOptions) ([]Change, finding.List) {
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if platform == nil || findings.Refused() {
		return nil, findings
	}
	source, err := cfg.resolver(platform)
	if err != nil {
		return nil, append(findings, badSource(err)...)
	}
	index := lock.NewIndex(slices.Concat(o.Own, p.Locks))
	var tags []tagged
	for _, d := range p.Deployments {
		tags = append(tags, tagsOf(model.New(d.ModelDeployment, d.At, platform), index)...)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, cfg.jobs())
	for i := range tags {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			tags[i].now, tags[i].err = source.Resolve(ctx, tags[i].ref)
		})
	}
	wg.Wait()
	var out []Change
	for _, t := range tags {
		switch {
		case errors.Is(t.err, artifact.ErrNotFound):
			out = append(out, Change{Deployment: t.model.Name(), From: t.entry, Note: "the registry has it no more", Named: len(t.model.Images()) > 0})
		case t.err != nil:
			t.part.Settle(model.Judged{}, nil, t.err)
			findings = append(findings, validators.Refusal(t.model, t.part))
		case string(t.now) != t.entry.Digest:
			out = append(out, Change{Deployment: t.model.Name(), From: t.entry, To: &v1alpha1.LockedModel{URI: t.entry.URI, Digest: string(t.now)}, Named: len(t.model.Images()) > 0})
		}
	}
	return out, findings.Sorted()
}

// tagged is a locked tag.
type tagged struct {
	model *model.Model
	part  model.Part
	ref   artifact.Reference
	entry *v1alpha1.LockedModel
	now   artifact.Digest
	err   error
}

// tagsOf are a deployment's locked tags, of places that the platform trusts or
// allows images from: no others are asked.
func tagsOf(m *model.Model, index lock.Index) []tagged {
	lookup := index.For(m.Deployment)
	var out []tagged
	for _, part := range m.Parts() {
		ref, err := artifact.ParseReference(part.URI())
		if err != nil || ref.Repository() == "" || ref.Pinned() || !named(m.Platform, part, ref) {
			continue
		}
		if entry, err := lookup(part.URI()); err == nil && entry != nil {
			out = append(out, tagged{model: m, part: part, ref: ref, entry: entry})
		}
	}
	return out
}

// named tells whether the platform names the place of a part.
func named(p *model.Platform, part model.Part, ref artifact.Reference) bool {
	if i, ok := part.(*model.Image); ok && (i.Rule == nil || !i.Rule.Verify) {
		return i.Rule != nil
	}
	return p.Trust.Rule(ref.Location()) != nil
}
