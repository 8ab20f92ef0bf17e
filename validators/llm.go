package validators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
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

// llmSchemes are what KServe v0.20.0's controller for LLMInferenceServices
// fetches; adapterSchemes what it does of adapters.
var (
	llmSchemes     = []artifact.Scheme{artifact.OCI, artifact.HuggingFace, artifact.S3, artifact.PVC}
	adapterSchemes = []artifact.Scheme{artifact.HuggingFace, artifact.S3, artifact.PVC}
)

// llmStorage: KServe accepts other URIs when they are applied, and then serves
// nothing.
func llmStorage(m *model.Model, v *model.Version) finding.List {
	var out finding.List
	add := func(part *model.Version, what string, allowed []artifact.Scheme, fix string) {
		if a := part.Artifact; a.Resolved() && !slices.Contains(allowed, a.Scheme()) {
			out = append(out, refuse(m, llmRule, part.Field+".model",
				fmt.Sprintf("KServe cannot fetch %s from %s: it takes %s", what, a.StorageURI(), schemes(allowed)), fix))
		}
	}
	add(v, "the model of an LLMInferenceService", llmSchemes, "publish it as an image with the model in /models, and name that (oci://)")
	if v == m.Canary && (m.Share.LLM == nil || m.Share.LLM.LoRA == nil) {
		return out // inherited, and reported where they stand
	}
	for _, a := range v.Adapters {
		add(a, "an adapter", adapterSchemes, "name a commit of the hub (hf://owner/adapter:COMMIT), or merge the adapter into a model of its own")
	}
	return out
}

func schemes(list []artifact.Scheme) string {
	var out []string
	for _, s := range list {
		out = append(out, string(s)+"://")
	}
	return strings.Join(out, ", ")
}

// llmConfigs: a config of the cluster may hold containers and adapters of its
// own, so the platform says which may be used.
func llmConfigs(m *model.Model, v *model.Version) finding.List {
	if v == m.Canary && (m.Share.LLM == nil || m.Share.LLM.BaseRefs == nil) {
		return nil
	}
	var out finding.List
	for i, name := range v.Spec.LLM.BaseRefs {
		if !slices.Contains(m.Platform.Spec.Serving.LLMConfigs, name) {
			out = append(out, refuse(m, "llm-config", fmt.Sprintf("%s.llm.baseRefs[%d]", v.Field, i),
				fmt.Sprintf("%q is not among the configs of platform %s: it could load another model, or another server, than the verified one", name, m.Platform.Name),
				"remove it, or have the platform list it in spec.serving.llmConfigs"))
		}
	}
	return out
}

// llmGroup: KServe leads no traffic to a member that serves other names than the
// one whose route it is, and has one list of names for the model and its adapters.
func llmGroup(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		for i, a := range v.Spec.LLM.Adapters() {
			if a.Name == m.LLMName(v) && (v == &m.Stable || m.Share.LLM != nil) {
				out = append(out, refuse(m, llmRule, fmt.Sprintf("%s.llm.lora.adapters[%d].name", v.Field, i),
					fmt.Sprintf("%q is the model's own name", a.Name), "give the adapter another"))
			}
		}
	}
	if m.Canary == nil {
		return out
	}
	if stable, other := names(m, &m.Stable), names(m, m.Canary); !slices.Equal(stable, other) {
		out = append(out, refuse(m, llmRule, m.Canary.Field+".llm",
			fmt.Sprintf("the %s serves the names %s and the stable version %s: KServe would lead no traffic to it", m.Canary.Role, strings.Join(other, ", "), strings.Join(stable, ", ")),
			"give both versions the same name and adapters of the same names"))
	}
	return out
}

// names are what requests can ask a version for, sorted.
func names(m *model.Model, v *model.Version) []string {
	out := []string{m.LLMName(v)}
	for _, a := range v.Spec.LLM.Adapters() {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return out
}
