package v1alpha1

// Default fills what follows from other fields. What the platform decides is
// filled when the two meet.
func (d *ModelDeployment) Default() {
	for _, c := range []*Component{d.Spec.Transformer, d.Spec.Explainer} {
		if c != nil && len(c.Containers) > 0 {
			setDefault(&c.Containers[0].Name, MainContainer)
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
	setDefault(&s.Serving.KServe, "0.20")
	setDefault(&s.Policy.Engine, EngineKyverno)
	setDefault(&s.Policy.Action, ActionDeny)
	setDefault(&s.Policy.Scope, ScopeModel)
	setDefault(&s.Policy.OnGap, OnGapRefuse)
}

// Default does nothing: a lock says everything.
func (l *ModelLock) Default() {}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
