package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
)

const llmRule = "llm"

// llm: what KServe's LLMInferenceService can do, and an InferenceService cannot,
// and the other way round.
func llm(m *model.Model) finding.List {
	if !m.LLM() {
		if m.Canary != nil && m.Share.LLM != nil {
			return finding.List{refuse(m, llmRule, m.Canary.Field+".llm",
				"an LLMInferenceService cannot share the traffic of an InferenceService", "write llm in spec, for both versions")}
		}
		return nil
	}
	out := inferenceServiceOnly(m)
	out = append(out, llmTraffic(m)...)
	out = append(out, llmReplicas(m)...)
	for _, v := range m.Versions() {
		out = append(out, llmStorage(m, v)...)
		out = append(out, llmConfigs(m, v)...)
	}
	return append(out, llmGroup(m)...)
}

// inferenceServiceOnly names what an LLMInferenceService has no place for.
func inferenceServiceOnly(m *model.Model) finding.List {
	var out finding.List
	add := func(used bool, field string) {
		if used {
			out = append(out, refuse(m, llmRule, field, "KServe's LLMInferenceService has nothing like it", "remove it, or remove spec.llm"))
		}
	}
	s := m.Deployment.Spec
	written := map[string]v1alpha1.Version{"spec": s.Version}
	fields := []string{"spec"}
	if m.Canary != nil {
		fields, written[m.Canary.Field] = append(fields, m.Canary.Field), m.Share.Version
	}
	for _, field := range fields {
		v := written[field]
		add(v.Format != nil, field+".format")
		add(v.Runtime != "", field+".runtime")
		add(v.ProtocolVersion != "", field+".protocolVersion")
		add(len(v.Predictor.Containers()) > 0, field+".predictor.containers")
		for _, name := range passthrough.OfInferenceService() {
			_, used := v.Predictor[name]
			add(used, field+".predictor."+name)
		}
	}
	add(s.Transformer != nil, "spec.transformer")
	add(s.Explainer != nil, "spec.explainer")
	return out
}

// llmTraffic: the members of a group share the traffic by weight.
func llmTraffic(m *model.Model) finding.List {
	var out finding.List
	if m.Shadowed() {
		out = append(out, refuse(m, llmRule, "spec.shadow", "nothing copies requests to an LLMInferenceService", "use canary with a weight"))
	}
	if m.Canary != nil && len(m.Share.Match) > 0 {
		out = append(out, refuse(m, llmRule, m.Canary.Field+".match", "a group of LLMInferenceServices splits the traffic by weight only", "use weight"))
	}
	if g := m.Platform.Spec.Serving.Gateway; g != nil && (g.PathPrefix != "" || len(g.Headers) > 0) {
		out = append(out, warn(m, llmRule, "spec.llm",
			fmt.Sprintf("pathPrefix and headers of the gateway of platform %s do not hold for it: KServe makes the route of an LLMInferenceService", m.Platform.Name),
			"guard it at the gateway"))
	}
	return out
}

// llmReplicas: without an autoscaler as many copies run as min says; with one, it
// wants to know how many there may be.
func llmReplicas(m *model.Model) finding.List {
	r, scaled := m.Replicas(), m.Deployment.Spec.Autoscaling != nil
	switch {
	case scaled && (r == nil || r.Max == 0):
		return finding.List{refuseReplicas(m, llmRule, ".replicas.max", "an autoscaler of LLMInferenceServices needs to know how many copies there may be", "say so")}
	case r == nil:
	case fromZero(r):
		return finding.List{refuseReplicas(m, llmRule, ".replicas.min", "nothing starts an LLMInferenceService from zero", "use 1 or more")}
	case !scaled && r.Max != 0 && (r.Min == nil || r.Max != *r.Min):
		return finding.List{refuseReplicas(m, llmRule, ".replicas.max", "nothing scales it without an autoscaler", "use min alone, or set autoscaling: {class: keda} or {class: hpa}")}
	}
	return nil
}
