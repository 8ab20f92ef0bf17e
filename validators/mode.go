package validators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
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
	return out
}
