package fn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// Pinned is one URI, pinned and judged, with what it refers to.
type Pinned struct {
	Pinned  artifact.Pinned
	Verdict trust.Verdict
	// Nested are the artifacts that are fetched with it, each once.
	Nested []Pinned
	// Err says why it, or what it refers to, could not be pinned.
	Err error
}

// Pin pins a version or an image from the source and verifies it.
func Pin(ctx context.Context, source artifact.Source, platform *model.Platform, part model.Part) Pinned {
	r := questionOf(part).pin(ctx, source, platform)
	r.fill(part)
	return r
}

// question is what is asked about a URI: a container image is judged by other
// rules than a model.
type question struct {
	uri   string
	image bool
}

func questionOf(part model.Part) question {
	_, image := part.(*model.Image)
	return question{part.URI(), image}
}

func (q question) pin(ctx context.Context, source artifact.Source, platform *model.Platform) Pinned {
	if q.image {
		return pinImage(ctx, source, platform, q.uri)
	}
	return pinModel(ctx, source, platform, q.uri)
}

func (r Pinned) fill(part model.Part) {
	var nested []model.Judged
	for _, n := range r.Nested {
		nested = append(nested, n.judged())
	}
	part.Settle(r.judged(), nested, r.Err)
}

func (r Pinned) judged() model.Judged {
	return model.Judged{Artifact: r.Pinned.Artifact, Verdict: r.Verdict}
}

// entries are the result as a lock holds it: the artifact's entry and those of
// what it refers to, each with the evidence that counted. What has no digest has
// no entry: there is nothing to hold it to.
func (r Pinned) entries() []v1alpha1.LockedModel {
	var out []v1alpha1.LockedModel
	for _, p := range append([]Pinned{r}, r.Nested...) {
		if p.Pinned.Digest() != "" {
			out = append(out, p.Pinned.Lock(p.Verdict.Counted()))
		}
	}
	return out
}

// Bounds on what one model may refer to: a chain of kits costs a request or a
// verification for each, and kit itself follows ten.
const (
	maxDepth  = 5
	maxNested = 32
)

func pinModel(ctx context.Context, source artifact.Source, platform *model.Platform, uri string) Pinned {
	ref, err := artifact.ParseReference(uri)
	if err != nil {
		return Pinned{Err: fmt.Errorf("%q: %w", uri, err)}
	}
	r := pinOne(ctx, source, platform, ref)
	if r.Err != nil || !r.Verdict.Trusted(r.Pinned.Artifact) {
		return r
	}
	seen := map[string]bool{r.Pinned.Identity(): true}
	level := r.Pinned.References()
	for depth := 1; len(level) > 0; depth++ {
		if depth > maxDepth || len(seen) > maxNested {
			r.Err = fmt.Errorf("%s: it refers to more than %d artifacts, or over more than %d steps", ref, maxNested, maxDepth)
			return r
		}
		var next []artifact.Reference
		for _, inner := range level {
			if seen[inner.Identity()] {
				continue // named twice, or a circle
			}
			seen[inner.Identity()] = true
			n := pinOne(ctx, source, platform, inner)
			if n.Err != nil {
				r.Err = fmt.Errorf("%s refers to another artifact: %w", ref, n.Err)
				return r
			}
			r.Nested = append(r.Nested, n)
			next = append(next, n.Pinned.References()...)
		}
		level = next
	}
	slices.SortFunc(r.Nested, func(a, b Pinned) int {
		return strings.Compare(a.Pinned.Reference().String(), b.Pinned.Reference().String())
	})
	return r
}

// pinOne never asks the source for a place that no trust rule names: a
// ModelDeployment, or a model, must not be able to make us contact any host it
// likes.
func pinOne(ctx context.Context, source artifact.Source, platform *model.Platform, ref artifact.Reference) Pinned {
	if platform.Trust.Rule(ref.Location()) == nil {
		return Pinned{Err: fmt.Errorf("%s: %w %s", ref, trust.ErrNoRule, ref.Location())}
	}
	pinned, err := source.Pin(ctx, ref)
	if err != nil {
		return Pinned{Err: err}
	}
	return Pinned{Pinned: pinned, Verdict: platform.Trust.Verify(pinned.Artifact, pinned.Evidence)}
}

// pinImage pins a container's image. It likewise asks only for what the platform
// names: where the image is not verified spec.images does, else spec.trust too.
func pinImage(ctx context.Context, source artifact.Source, platform *model.Platform, uri string) Pinned {
	ref, rule, err := platform.Images.Find(uri)
	if err != nil {
		return Pinned{Err: err}
	}
	if rule.Verify {
		return pinOne(ctx, source, platform, ref)
	}
	pinned, err := source.Pin(ctx, ref)
	if err != nil {
		return Pinned{Err: err}
	}
	return Pinned{Pinned: pinned, Verdict: rule.Unverified(pinned.Artifact)}
}
