package validators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// mode: what KServe can do in one deployment mode and not in the other.
func mode(m *model.Model) finding.List {
	switch {
	case m.LLM():
		return nil // it has none
	case m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard:
		return standardOnly(m)
	}
	return knativeOnly(m)
}

const toStandard = "set spec.serving.mode of the platform to Standard, or remove it"

func knativeOnly(m *model.Model) finding.List {
	var out finding.List
	if m.Shadowed() {
		out = append(out, refuse(m, "mode", "spec.shadow", "in Knative mode nothing copies requests: KServe has no shadow", toStandard))
	}
	if m.Canary != nil && len(m.Share.Match) > 0 {
		out = append(out, refuse(m, "mode", m.Canary.Field+".match", "in Knative mode the traffic is split by weight only", toStandard))
	}
	return out
}

// standardOnly: the route leads to what answers predictions.
func standardOnly(m *model.Model) finding.List {
	var out finding.List
	for _, c := range m.Components {
		if c.Name == "explainer" {
			out = append(out, warn(m, "mode", "spec.explainer", "in Standard mode the route leads no request to the explainer yet", "ask it at the address that KServe gives it, or use Knative mode"))
		}
	}
	return out
}
