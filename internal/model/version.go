package model

import (
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/trust"
)

// Version is one version with everything a canary inherits filled in.
type Version struct {
	// Role is stable or canary, or adapter; Field is where the version stands in the
	// spec.
	Role, Field string
	Spec        v1alpha1.Version
	// Images are those of the containers beside the model; a canary that inherits
	// them has the stable version's own.
	Images []*Image
	Judged
	// Adapters are the LoRA adapters that are loaded beside the model, each of which
	// is pinned and judged as a model is; a canary that inherits them has the stable
	// version's own.
	Adapters []*Version
	// Nested are the artifacts that are fetched with this one, at any depth.
	Nested []Judged
	// Err says why the version, or what it refers to, could not be pinned.
	Err error

	kserve kserve.Version
}

// Judged is an artifact and what was decided about it.
type Judged struct {
	Artifact artifact.Artifact
	Verdict  trust.Verdict
}

var _ Part = (*Version)(nil)

// URI is the model as the deployment writes it.
func (v Version) URI() string { return v.Spec.Model }

// Settle takes what became of the version's model.
func (v *Version) Settle(j Judged, nested []Judged, err error) {
	v.Judged, v.Nested, v.Err = j, nested, err
}

// Failed says why the version could not be pinned.
func (v Version) Failed() error { return v.Err }

// Trusted tells whether the version may reach an output: it is trusted, and so
// is everything that it refers to.
func (v Version) Trusted() bool {
	_, refused := v.Refused()
	return v.Err == nil && !refused
}

// Unsigned tells whether the version, or something that is loaded with it, is let
// in without a signature.
func (v Version) Unsigned() bool {
	return slices.ContainsFunc(append([]Judged{v.Judged}, v.Nested...), func(j Judged) bool { return j.Verdict.Unsigned() }) ||
		slices.ContainsFunc(v.Adapters, func(a *Version) bool { return a.Unsigned() })
}

// Refused is the first of the version's artifacts that is not trusted.
func (v Version) Refused() (Judged, bool) {
	held := map[string]bool{}
	for _, j := range append([]Judged{v.Judged}, v.Nested...) {
		if !j.Verdict.Trusted(j.Artifact) {
			return j, true
		}
		held[j.Artifact.Identity()] = true
	}
	for _, j := range append([]Judged{v.Judged}, v.Nested...) {
		for _, ref := range j.Artifact.References() {
			if !held[ref.Identity()] {
				return Judged{}, true // nobody looked at it
			}
		}
	}
	return Judged{}, false
}

// Format is the format the version is served by: what the spec says, or else
// what the artifact's config says.
func (v Version) Format() v1alpha1.Format {
	if v.Spec.Format != nil {
		return *v.Spec.Format
	}
	return v1alpha1.Format{Name: v.Artifact.Metadata().Format}
}

// override lays the fields that are set over the base's.
func override(base, over v1alpha1.Version) v1alpha1.Version {
	out := base
	if over.Model != "" {
		out.Model = over.Model
	}
	if over.Format != nil {
		out.Format = over.Format
	}
	if over.Runtime != "" {
		out.Runtime = over.Runtime
	}
	if over.ProtocolVersion != "" {
		out.ProtocolVersion = over.ProtocolVersion
	}
	if over.Resources != nil {
		out.Resources = over.Resources
	}
	if over.Predictor != nil {
		out.Predictor = over.Predictor
	}
	out.LLM = base.LLM.With(over.LLM)
	if over.Provenance != nil {
		out.Provenance = over.Provenance
	}
	return out
}
