package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// mode: what KServe can do in one deployment mode and not in the other.
func mode(m *model.Model) finding.List {
	if m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard {
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

// standardOnly: Standard mode scales by the HorizontalPodAutoscaler, which knows
// nothing of requests, and not to zero.
func standardOnly(m *model.Model) finding.List {
	var out finding.List
	if a := m.Deployment.Spec.Autoscaling; a != nil && !slices.Contains([]string{"cpu", "memory"}, a.Metric) {
		out = append(out, refuse(m, "mode", "spec.autoscaling.metric",
			fmt.Sprintf("in Standard mode pods are scaled by cpu or memory, not by %s", a.Metric), "use cpu or memory"))
	}
	out = append(out, fromZero(m, "spec.replicas.min", m.Deployment.Spec.Replicas)...)
	if d := m.Platform.Spec.Serving.Defaults; d != nil && m.Deployment.Spec.Replicas == nil {
		out = append(out, fromZero(m, "spec.replicas.min", d.Replicas)...)
	}
	for _, c := range m.Components {
		out = append(out, fromZero(m, "spec."+c.Name+".replicas.min", c.Replicas)...)
	}
	return out
}

func fromZero(m *model.Model, field string, r *v1alpha1.Replicas) finding.List {
	if r == nil || r.Min == nil || *r.Min != 0 {
		return nil
	}
	return finding.List{refuse(m, "mode", field, "in Standard mode nothing scales from zero, and KServe would make it 1", "use 1 or more")}
}
