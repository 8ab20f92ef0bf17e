package fn

import (
	"context"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/validators"
)

// Outcome is whether a version or image may be rendered.
type Outcome string

const (
	// Trusted may be rendered.
	Trusted Outcome = "trusted"
	// Refused may not.
	Refused Outcome = "refused"
	// Unknown could not be found out.
	Unknown Outcome = "unknown"
)

// Verified is what was found out about one version of a model, or one container's
// image.
type Verified struct {
	// Dir is the directory that was looked at, where several were.
	Dir string
	// Deployment is namespace/name; "" for a URI that was asked about by itself.
	Deployment string
	// Role is stable or canary, or for an image where its container stands.
	Role        string
	URI, Digest string
	Outcome     Outcome
	Authorities []string
	// Attestations are those that the platform requires.
	Attestations []Attested
	// Findings are those about it, warnings too.
	Findings finding.List
}

// Attested is a required attestation, and who made the one that counts; Holds
// tells whether there is one.
type Attested struct {
	PredicateType string `json:"predicateType"`
	Authority     string `json:"authority,omitempty"`
	Holds         bool   `json:"holds"`
	// Failed tells that there are some of the type, none of which counts.
	Failed bool `json:"failed,omitempty"`
	// Reason says why none holds.
	Reason string `json:"reason,omitempty"`
}

// Verify judges a package as Render does, and generates nothing: from the lock,
// or with resolution: Online from registries. The findings are those that are
// about no model.
func Verify(ctx context.Context, p Package, cfg Config) ([]Verified, finding.List) {
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if platform == nil || findings.Refused() {
		return nil, findings
	}
	var models []*model.Model
	for _, d := range p.Deployments {
		models = append(models, model.New(d.ModelDeployment, d.At, platform))
	}
	if platform.Spec.Resolution == v1alpha1.ResolutionOnline && len(models) > 0 {
		findings = append(findings, pinOnline(ctx, models, cfg)...)
	} else {
		pinLocked(ctx, models, p.Locks)
	}
	var out []Verified
	for _, m := range models {
		out = append(out, verified(m, validators.Run(m))...)
	}
	return out, findings
}

// Unjudged are the versions of a package that could not be judged at all: refused,
// for what the findings about the package say.
func Unjudged(p Package) []Verified {
	var out []Verified
	for _, d := range p.Deployments {
		m := model.New(d.ModelDeployment, d.At, &model.Platform{})
		for _, v := range m.Loaded() {
			out = append(out, Verified{
				Deployment: m.Name(), Role: v.Role, URI: v.URI(), Outcome: Refused, Authorities: []string{},
			})
		}
	}
	return out
}

// VerifyURI judges an artifact by itself, from its registry, by the platform
// that holds outside any repository.
func VerifyURI(ctx context.Context, uri string, cfg Config) ([]Verified, finding.List) {
	platform, findings := cfg.Sources.Choose(nil)
	if platform == nil || findings.Refused() {
		return nil, findings
	}
	source, err := cfg.source(platform)
	if err != nil {
		return nil, append(findings, badSource(err)...)
	}
	d := &v1alpha1.ModelDeployment{}
	d.Spec.Model = uri
	m := model.New(d, finding.Resource{}, platform)
	Pin(ctx, source, m, &m.Stable)
	var list finding.List
	if !m.Stable.Trusted() {
		list = append(list, validators.Refusal(m, &m.Stable))
	}
	v := judged(m, &m.Stable, "", m.Stable.Judged, list)
	v.Deployment = ""
	return []Verified{v}, findings
}

// verified shares a model's findings out among its parts: each gets those about
// its own fields, and the stable version those about the deployment.
func verified(m *model.Model, findings finding.List) []Verified {
	parts := m.Parts()
	fields := make([]string, len(parts))
	for i, part := range parts {
		switch part := part.(type) {
		case *model.Version:
			fields[i] = part.Field
		case *model.Image:
			fields[i] = part.Field
		}
	}
	shares := make([]finding.List, len(parts))
	for _, f := range findings {
		best := 0
		for i, field := range fields {
			if strings.HasPrefix(f.Field, field) && len(field) > len(fields[best]) {
				best = i
			}
		}
		shares[best] = append(shares[best], f)
	}
	var out []Verified
	for i, part := range parts {
		switch part := part.(type) {
		case *model.Version:
			out = append(out, judged(m, part, part.Role, part.Judged, shares[i]))
		case *model.Image:
			out = append(out, judged(m, part, part.Field, part.Judged, shares[i]))
		}
	}
	return out
}

func judged(m *model.Model, part model.Part, role string, j model.Judged, findings finding.List) Verified {
	v := Verified{
		Deployment: m.Name(), Role: role, URI: part.URI(), Digest: string(j.Artifact.Digest()),
		Outcome: Trusted, Authorities: []string{}, Findings: findings,
	}
	for _, s := range j.Verdict.Signers() {
		v.Authorities = append(v.Authorities, s.Authority.Name)
	}
	for _, a := range j.Verdict.Attestations() {
		v.Attestations = append(v.Attestations, Attested{a.PredicateType, a.Signer.Authority.Name, a.Holds, a.Failed, a.Reason})
	}
	unknown := slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Unknown })
	switch {
	case unknown:
		v.Outcome = Unknown
	case !part.Trusted(), findings.Refused():
		v.Outcome = Refused
	}
	return v
}
