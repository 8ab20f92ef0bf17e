// Package model holds what the steps hand on: a Model is a ModelDeployment
// together with what its URIs were pinned to and what was decided about them.
package model

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/trust"
)

// Model is one ModelDeployment on its way through.
type Model struct {
	Deployment *v1alpha1.ModelDeployment
	// Resource says where the deployment stands, for findings.
	Resource finding.Resource
	Platform *Platform
	// Stable is the version that serves; Canary, when not nil, the one beside.
	Stable Version
	Canary *Version
	// LockDigest is taken over the lock entries of all versions.
	LockDigest string
}

// Version is one version with everything a canary inherits filled in.
type Version struct {
	// Role is stable or canary; Field is where the version stands in the spec.
	Role, Field string
	Spec        v1alpha1.Version
	Artifact    artifact.Artifact
	Verdict     trust.Verdict
	// Err says why the version could not be pinned.
	Err error
}

// Trusted tells whether the version may reach an output.
func (v Version) Trusted() bool { return v.Err == nil && v.Verdict.Trusted(v.Artifact) }

// Platform is the platform in effect.
type Platform struct {
	Name string
	Spec v1alpha1.ModelPlatformSpec
	// Digest of the spec in effect, for annotations.
	Digest string
	// Sealed tells whether it came from outside the repository.
	Sealed bool
	Trust  trust.Policy
}

// Versions are stable and, where there is one, canary.
func (m *Model) Versions() []*Version {
	if m.Canary == nil {
		return []*Version{&m.Stable}
	}
	return []*Version{&m.Stable, m.Canary}
}

// Format is the format the version is served by: what the spec says, or else
// what the artifact's config says.
func (v Version) Format() v1alpha1.Format {
	if v.Spec.Format != nil {
		return *v.Spec.Format
	}
	return v1alpha1.Format{Name: v.Artifact.Metadata().Format}
}

// New is the Model of a deployment, not yet pinned.
func New(d *v1alpha1.ModelDeployment, at finding.Resource, p *Platform) *Model {
	m := &Model{
		Deployment: d, Resource: at, Platform: p,
		Stable: Version{Role: "stable", Field: "spec", Spec: d.Spec.Version},
	}
	if m.Stable.Spec.Runtime == "" && p.Spec.Serving.Defaults != nil {
		m.Stable.Spec.Runtime = p.Spec.Serving.Defaults.Runtime
	}
	if m.Stable.Spec.Resources == nil && p.Spec.Serving.Defaults != nil {
		m.Stable.Spec.Resources = p.Spec.Serving.Defaults.Resources
	}
	if c := d.Spec.Canary; c != nil {
		m.Canary = &Version{Role: "canary", Field: "spec.canary", Spec: override(m.Stable.Spec, c.Version)}
	}
	return m
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
	return out
}
