package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
)

// probes checks how a version's server is asked whether it is well.
func probes(m *model.Model, at, runtime string, f v1alpha1.PredictorFields) finding.List {
	var out finding.List
	known, who := kserve.Probes(runtime), runtime
	if m.LLM() {
		known, who = kserve.LLMProbes(), "an LLMInferenceService"
	}
	add := func(name, what, fix string) {
		out = append(out, refuse(m, "predictor-probe", at+"."+name, what, fix))
	}
	for _, p := range []struct {
		name  string
		probe *v1alpha1.Probe
	}{{"livenessProbe", f.LivenessProbe}, {"readinessProbe", f.ReadinessProbe}, {"startupProbe", f.StartupProbe}} {
		own := known[p.name]
		if p.probe == nil || own == "" || slices.Contains(p.probe.Ways(), own) {
			continue
		}
		// KServe merges field by field.
		add(p.name, fmt.Sprintf("%s has a %s of its own by %s, and KServe would lay this one over it: two ways to ask, which Kubernetes refuses", who, p.name, own),
			fmt.Sprintf("remove it, or ask by %s where that is allowed", own))
	}
	knative := m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative && !m.LLM()
	if r := f.ReadinessProbe; r != nil && knative && r.PeriodSeconds == 0 && (r.TimeoutSeconds != 0 || r.FailureThreshold != 0) {
		add("readinessProbe.periodSeconds", "Knative asks as often as it likes where no period is stated, and refuses timeoutSeconds and failureThreshold then", "state periodSeconds, too")
	}
	return out
}
