// Package model holds what the steps hand on: a Model is a ModelDeployment
// together with what its URIs were pinned to and what was decided about them.
package model

import (
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/trust"
)

// Model is one ModelDeployment on its way through.
type Model struct {
	Deployment *v1alpha1.ModelDeployment
	// Resource says where the deployment stands, for findings.
	Resource finding.Resource
	Platform *Platform
	// Stable is the version that serves; Canary, when not nil, the one beside,
	// which gets a share of the traffic or, as a shadow, a copy of it.
	Stable Version
	Canary *Version
	// Share is what the deployment says of the canary's traffic.
	Share *v1alpha1.Canary
	// Components are what runs around them, whichever answers.
	Components []Component
	// LockDigest is taken over the lock entries of all parts.
	LockDigest string
}

// Platform is the platform in effect.
type Platform struct {
	Name string
	// Resource says where it stands, for findings.
	Resource finding.Resource
	Spec     v1alpha1.ModelPlatformSpec
	// Digest of the spec in effect, for annotations.
	Digest string
	// Sealed tells whether it came from outside the repository.
	Sealed bool
	Trust  trust.Policy
	// Images are the container images that may run.
	Images Allowed
}

// For is the platform as it judges what is for one use.
func (p *Platform) For(use trust.Use) *Platform {
	out := *p
	out.Trust = p.Trust.For(use)
	return &out
}

// Name is the deployment's namespace/name, or name.
func (m *Model) Name() string {
	return strings.TrimPrefix(m.Deployment.Metadata.Namespace+"/"+m.Deployment.Metadata.Name, "/")
}

// Shadowed tells whether the version beside gets a copy of the traffic, whose
// answers nobody sees.
func (m *Model) Shadowed() bool { return m.Canary != nil && m.Deployment.Spec.Shadow != nil }

// Versions are stable and, where there is one, canary.
func (m *Model) Versions() []*Version {
	if m.Canary == nil {
		return []*Version{&m.Stable}
	}
	return []*Version{&m.Stable, m.Canary}
}

// New is the Model of a deployment, not yet pinned.
func New(d *v1alpha1.ModelDeployment, at finding.Resource, p *Platform) *Model {
	m := &Model{
		Deployment: d, Resource: at, Platform: p,
		Stable: Version{Role: "stable", Field: "spec", Spec: d.Spec.Version, kserve: p.KServe()},
	}
	if m.Stable.Spec.Runtime == "" && p.Spec.Serving.Defaults != nil {
		m.Stable.Spec.Runtime = p.Spec.Serving.Defaults.Runtime
	}
	if m.Stable.Spec.Resources == nil && p.Spec.Serving.Defaults != nil {
		m.Stable.Spec.Resources = p.Spec.Serving.Defaults.Resources
	}
	m.Stable.Adapters = newAdapters("spec", d.Spec.LLM)
	m.Stable.Images = newImages(p, "spec.predictor", d.Spec.Predictor.Containers())
	for _, second := range []struct {
		role string
		*v1alpha1.Canary
	}{{"canary", d.Spec.Canary}, {"shadow", d.Spec.Shadow}} {
		if second.Canary == nil {
			continue
		}
		m.Share = second.Canary
		m.Canary = &Version{
			Role: second.role, Field: "spec." + second.role, Spec: override(m.Stable.Spec, second.Version),
			Images: m.Stable.Images, Adapters: m.Stable.Adapters, kserve: m.Stable.kserve,
		}
		if second.LLM != nil && second.LLM.LoRA != nil {
			m.Canary.Adapters = newAdapters(m.Canary.Field, second.LLM)
		}
		if second.Predictor != nil {
			m.Canary.Images = newImages(p, "spec."+second.role+".predictor", second.Predictor.Containers())
		}
	}
	for _, c := range []struct {
		name string
		*v1alpha1.Component
	}{{"transformer", d.Spec.Transformer}, {"explainer", d.Spec.Explainer}} {
		if c.Component != nil {
			m.Components = append(m.Components, Component{c.name, c.Replicas, c.Autoscaling, newImages(p, "spec."+c.name, c.Containers)})
		}
	}
	return m
}
