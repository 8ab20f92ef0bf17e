package fn

import (
	"context"
	"encoding/json"
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

// Pin pins a version or an image of the model from the source and verifies it.
func Pin(ctx context.Context, source artifact.Source, m *model.Model, part model.Part) Pinned {
	r := questionOf(m, part).pin(ctx, source, m.Platform)
	r.fill(part)
	return r
}

// question is what is asked about a URI: a container image is judged by other
// rules than a model.
type question struct {
	uri   string
	image bool
	// use is what it is for as JSON, where the answer may depend on that.
	use string
	// at is the digest that is asked for in place of the tag, if any.
	at artifact.Digest
}

func questionOf(m *model.Model, part model.Part) question {
	q := question{uri: part.URI()}
	_, q.image = part.(*model.Image)
	use := m.Platform.Trust.Regards(trust.Use{Deployment: m.Deployment.Metadata.Name, Provenance: stated(part)})
	if use.Deployment != "" || len(use.Provenance) > 0 {
		raw, err := json.Marshal(use)
		if err != nil {
			panic(err) // texts always marshal
		}
		q.use = string(raw)
	}
	return q
}

// reference is the URI, at the digest that is asked for.
func (q question) reference(ref artifact.Reference) artifact.Reference {
	if q.at == "" {
		return ref
	}
	return ref.At(q.at)
}

func (q question) pin(ctx context.Context, source artifact.Source, platform *model.Platform) Pinned {
	if q.use != "" {
		var use trust.Use
		if err := json.Unmarshal([]byte(q.use), &use); err != nil {
			return Pinned{Err: err}
		}
		platform = platform.For(use)
	}
	if q.image {
		return pinImage(ctx, source, platform, q)
	}
	return pinModel(ctx, source, platform, q)
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
// what it refers to, each with the evidence that counted.
func (r Pinned) entries() []v1alpha1.LockedModel {
	var out []v1alpha1.LockedModel
	for _, p := range r.lockable() {
		out = append(out, p.Pinned.Lock(p.Verdict.Counted()))
	}
	return out
}

// lockable is the result and what it refers to. What has no digest has no entry
// in a lock: there is nothing to hold it to.
func (r Pinned) lockable() []Pinned {
	return slices.DeleteFunc(append([]Pinned{r}, r.Nested...), func(p Pinned) bool { return p.Pinned.Digest() == "" })
}

// Bounds on what one model may refer to: a chain of kits costs a request or a
// verification for each, and kit itself follows ten.
const (
	maxDepth  = 5
	maxNested = 32
)

func pinModel(ctx context.Context, source artifact.Source, platform *model.Platform, q question) Pinned {
	ref, err := artifact.ParseReference(q.uri)
	if err != nil {
		return Pinned{Err: fmt.Errorf("%q: %w", q.uri, err)}
	}
	r := pinOne(ctx, source, platform, q.reference(ref))
	if r.Err != nil || !r.Verdict.Trusted(r.Pinned.Artifact) {
		return r
	}
	r.Nested, r.Err = pinNested(ctx, source, platform, r.Pinned.Artifact)
	return r
}

// pinNested pins what an artifact refers to, step by step, each once. It ends at
// the first that is not trusted: nothing is asked for on its word.
func pinNested(ctx context.Context, source artifact.Source, platform *model.Platform, outer artifact.Artifact) ([]Pinned, error) {
	var out []Pinned
	seen := map[string]bool{outer.Identity(): true}
	level := outer.References()
	for depth := 1; len(level) > 0; depth++ {
		if depth > maxDepth {
			return nil, fmt.Errorf("%s refers to other artifacts over more than %d steps", outer.Reference(), maxDepth)
		}
		var next []artifact.Reference
		for _, inner := range level {
			if seen[inner.Identity()] {
				continue // named twice, or a circle
			}
			if seen[inner.Identity()] = true; len(seen)-1 > maxNested {
				return nil, fmt.Errorf("%s refers to more than %d other artifacts", outer.Reference(), maxNested)
			}
			n := pinOne(ctx, source, platform, inner)
			if n.Err != nil {
				return nil, fmt.Errorf("%s refers to another artifact: %w", outer.Reference(), n.Err)
			}
			out = append(out, n)
			if !n.Verdict.Trusted(n.Pinned.Artifact) {
				return out, nil
			}
			next = append(next, n.Pinned.References()...)
		}
		level = next
	}
	slices.SortFunc(out, func(a, b Pinned) int {
		return strings.Compare(a.Pinned.Reference().String(), b.Pinned.Reference().String())
	})
	return out, nil
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
func pinImage(ctx context.Context, source artifact.Source, platform *model.Platform, q question) Pinned {
	ref, rule, err := platform.Images.Find(q.uri)
	if err != nil {
		return Pinned{Err: err}
	}
	ref = q.reference(ref)
	if rule.Verify {
		return pinOne(ctx, source, platform, ref)
	}
	pinned, err := source.Pin(ctx, ref)
	if err != nil {
		return Pinned{Err: err}
	}
	return Pinned{Pinned: pinned, Verdict: rule.Unverified(pinned.Artifact)}
}

// stated is the provenance that the deployment states of a part; it says nothing
// of images.
func stated(part model.Part) map[string]string {
	if v, ok := part.(*model.Version); ok {
		return v.Spec.Provenance
	}
	return nil
}
