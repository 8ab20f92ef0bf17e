package validators

import (
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// mode: what KServe can do in Standard mode and not in Knative mode. An LLM has
// neither.
func mode(m *model.Model) finding.List {
	if m.LLM() || m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard {
		return nil
	}
	var out finding.List
	const fix = "set spec.serving.mode of the platform to Standard, or remove it"
	if m.Shadowed() {
		out = append(out, refuse(m, "mode", "spec.shadow", "in Knative mode nothing copies requests: KServe has no shadow", fix))
	}
	if m.Canary != nil && len(m.Share.Match) > 0 {
		out = append(out, refuse(m, "mode", m.Canary.Field+".match", "in Knative mode the traffic is split by weight only", fix))
	}
	for _, v := range m.Versions() {
		if v == &m.Stable || m.Share.Predictor != nil { // else it is reported where it stands
			out = append(out, knativeFields(m, v)...)
		}
	}
	return out
}

// knativeFields: KServe hands the pod's fields on to Knative, whose webhook refuses
// some when KServe makes the Service, long after the InferenceService was let in.
func knativeFields(m *model.Model, v *model.Version) finding.List {
	var out finding.List
	add := func(field, why string) {
		out = append(out, refuse(m, "mode", v.Field+".predictor."+field, "in Knative mode it cannot be set: "+why,
			"remove it, or have the platform set spec.serving.mode to Standard"))
	}
	allowed := slices.Concat(passthrough.Fields(), widened(m).Fields())
	for _, g := range passthrough.NotInKnative() {
		for _, name := range g.Names {
			if _, set := v.Spec.Predictor[name]; set && slices.Contains(allowed, name) {
				add(name, g.Why)
			}
		}
	}
	if v.Spec.Predictor["automountServiceAccountToken"] == true {
		add("automountServiceAccountToken", "Knative takes only false")
	}
	return out
}
