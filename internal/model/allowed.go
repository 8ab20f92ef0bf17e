package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/trust"
)

// ErrImageNotAllowed says that no rule of the platform allows an image.
var ErrImageNotAllowed = errors.New("no rule in spec.images of the platform matches")

// Allowed is a platform's spec.images, compiled: which container images may run,
// and whether they are verified.
type Allowed struct{ rules []*ImageRule }

// ImageRule is one compiled rule about images.
type ImageRule struct {
	// Path of the rule in the platform: spec.images[0].
	Path string
	// Verify: the image must be trusted by spec.trust.
	Verify bool
	// places matches the rule's repositories, and is the policy that judges when
	// nothing is verified: there it lets in any digest.
	places trust.Policy
}

// CompileImages parses the globs; each error is by field path.
func CompileImages(spec v1alpha1.ModelPlatformSpec) (Allowed, []v1alpha1.FieldError) {
	var a Allowed
	var errs []v1alpha1.FieldError
	for i, r := range spec.Images {
		places, refused := trust.Compile(v1alpha1.ModelPlatformSpec{
			Trust: []v1alpha1.TrustRule{{Match: r.Match, UnsafeUnsigned: true}},
		})
		path := fmt.Sprintf("spec.images[%d]", i)
		for _, e := range refused {
			e.Path = path + strings.TrimPrefix(e.Path, "spec.trust[0]")
			errs = append(errs, e)
		}
		// A spec that nobody defaulted must not mean "no signature".
		a.rules = append(a.rules, &ImageRule{Path: path, Verify: r.Verify == nil || *r.Verify, places: places})
	}
	return a, errs
}

// Rules are all of them, in their order.
func (a Allowed) Rules() []*ImageRule { return slices.Clone(a.rules) }

// Patterns are what the rule matches.
func (r *ImageRule) Patterns() []trust.Pattern {
	var out []trust.Pattern
	for _, places := range r.places.Rules() {
		out = append(out, places.Patterns()...)
	}
	return out
}

// Rule is the first rule that matches a reference's location, or nil.
func (a Allowed) Rule(location string) *ImageRule {
	for _, r := range a.rules {
		if r.places.Rule(location) != nil {
			return r
		}
	}
	return nil
}

// Find is an image's reference and the rule that allows it.
func (a Allowed) Find(image string) (artifact.Reference, *ImageRule, error) {
	ref, err := artifact.ParseReference(image)
	if err != nil {
		return artifact.Reference{}, nil, fmt.Errorf("%q: %w", image, err)
	}
	rule := a.Rule(ref.Location())
	if rule == nil {
		return artifact.Reference{}, nil, fmt.Errorf("%s: %w %s", ref, ErrImageNotAllowed, ref.Location())
	}
	return ref, rule, nil
}

// Unverified is the verdict about an image by a rule that wants no signature;
// by any other it is a refusal.
func (r *ImageRule) Unverified(a artifact.Artifact) trust.Verdict {
	if r.Verify {
		return trust.Verdict{}
	}
	return r.places.Verify(a, nil)
}

// judge is the rule whose verdict about an image counts: of the trust policy
// where the image is verified, else the one that lets in any digest.
func (r *ImageRule) judge(p trust.Policy, location string) *trust.Rule {
	if r.Verify {
		return p.Rule(location)
	}
	return r.places.Rule(location)
}
