package v1alpha1

import "github.com/modelfn/modelfn/internal/kserve"

// Default fills what follows from other fields. What the platform decides is
// filled when the two meet.
func (d *ModelDeployment) Default() {
	for _, c := range []*Component{d.Spec.Transformer, d.Spec.Explainer} {
		if c != nil && len(c.Containers) > 0 {
			setDefault(&c.Containers[0].Name, MainContainer)
		}
	}
	d.Spec.Predictor.canonicalize()
	for _, second := range []*Canary{d.Spec.Canary, d.Spec.Shadow} {
		if second != nil {
			second.Predictor.canonicalize()
		}
	}
}

// Default fills in the documented defaults.
func (p *ModelPlatform) Default() {
	s := &p.Spec
	setDefault(&s.Resolution, ResolutionLocked)
	for i := range s.Trust {
		r := &s.Trust[i]
		if r.Threshold == 0 {
			r.Threshold = 1
		}
		setDefault(&r.RepositoryBinding, RepositoryBindingRequired)
	}
	for i := range s.Images {
		if s.Images[i].Verify == nil {
			s.Images[i].Verify = new(true)
		}
	}
	setDefault(&s.Serving.Mode, ModeKnative)
	setDefault(&s.Serving.KServe, kserve.Default)
	if s.Serving.Mode == ModeStandard {
		s.Serving.Gateway = s.Serving.Gateway.orDefault()
	}
	setDefault(&s.Policy.Engine, EngineKyverno)
	setDefault(&s.Policy.Action, ActionDeny)
	setDefault(&s.Policy.Scope, ScopeModel)
	setDefault(&s.Policy.OnGap, OnGapRefuse)
}

// orDefault fills in KServe's own gateway and host names. Half of the gateway is
// not filled up: with the other half it would be somebody else's.
func (g *Gateway) orDefault() *Gateway {
	var out Gateway
	if g != nil {
		out = *g
	}
	if out.Name == "" && out.Namespace == "" {
		out.Name, out.Namespace = "kserve-ingress-gateway", "kserve"
	}
	if len(out.Hostnames) == 0 && out.PathPrefix == "" && len(out.Headers) == 0 {
		out.Hostnames = []string{"{name}-{namespace}.example.com"}
	}
	return &out
}

// Default does nothing: a lock says everything.
func (l *ModelLock) Default() {}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
