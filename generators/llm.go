package generators

import (
	"cmp"
	"maps"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

const (
	kindLLMInferenceService = "LLMInferenceService"
	// llmContainer is KServe's name of the container that runs vLLM.
	llmContainer = "main"
)

// llm makes an LLMInferenceService for each version. They are one routing group:
// KServe leads what asks for the model by its name to them, by their weights.
type llm struct{}

var _ Generator = llm{}

func (llm) Generate(m *model.Model) []object.Object {
	var out []object.Object
	for _, v := range m.Versions() {
		var spec object.Map
		spec.Set("model", llmModel(m, v))
		llmScale(&spec, m, versionReplicas(m, v))
		spec.Set("parallelism", llmParallelism(v.Spec.LLM.Parallelism))
		spec.Set("template", llmPod(v))
		spec.Set("router", llmRouter(m, v))
		spec.Set("baseRefs", llmConfigs(v.Spec.LLM.BaseRefs))
		notes := versionAnnotations(*v)
		// The version that is left stays until the other one answers.
		notes[syncOptions] = pruneLast
		out = append(out, object.Object{
			APIVersion: "serving.kserve.io/v1alpha2", Kind: kindLLMInferenceService,
			Namespace: m.Deployment.Metadata.Namespace, Name: llmObject(m, v),
			Labels: labels(m), Annotations: notes,
			Body: object.Map{{Key: "spec", Value: spec}},
		})
	}
	return out
}

// llmObject names a version's object. Without groups its own name is the path that
// requests take, which has to stay the same.
func llmObject(m *model.Model, v *model.Version) string {
	if !m.Platform.KServe().LLM.RouteGroups {
		return m.Deployment.Metadata.Name
	}
	return m.VersionName(v)
}

// llmModel is what is loaded, adapters included, and the name that requests use.
func llmModel(m *model.Model, v *model.Version) object.Map {
	out := object.Map{{Key: "uri", Value: v.Artifact.StorageURI()}, {Key: "name", Value: m.LLMName(v)}}
	lora := v.Spec.LLM.LoRA
	if lora == nil {
		return out
	}
	var adapters object.List
	for i, a := range v.Adapters {
		adapters = append(adapters, object.Map{
			{Key: "uri", Value: a.Artifact.StorageURI()}, {Key: "name", Value: lora.Adapters[i].Name},
		})
	}
	var fields object.Map
	fields.Set("adapters", adapters)
	count(&fields, "maxRank", lora.MaxRank)
	count(&fields, "maxAdapters", lora.MaxAdapters)
	count(&fields, "maxCpuAdapters", lora.MaxCPUAdapters)
	out.Set("lora", fields)
	return out
}

// llmScale says how many copies run, or within which bounds KServe's autoscaler
// decides, and who acts upon that.
func llmScale(spec *object.Map, m *model.Model, r *v1alpha1.Replicas) {
	class := m.ScaleClass()
	switch {
	case class != "":
		least := 1
		if r.Min != nil {
			least = *r.Min
		}
		spec.Set("scaling", object.Map{
			{Key: "minReplicas", Value: least}, {Key: "maxReplicas", Value: r.Max},
			{Key: "wva", Value: object.Map{{Key: "variantCost", Value: "10.0"}, {Key: class, Value: object.Map{}}}},
		})
	case r != nil && r.Min != nil:
		spec.Set("replicas", *r.Min)
	}
}

func llmParallelism(p *v1alpha1.Parallelism) object.Map {
	var out object.Map
	if p == nil {
		return out
	}
	count(&out, "tensor", p.Tensor)
	count(&out, "pipeline", p.Pipeline)
	count(&out, "data", p.Data)
	count(&out, "dataLocal", p.DataLocal)
	if p.Expert {
		out.Set("expert", true)
	}
	return out
}

// llmPod is laid over the pod that KServe's own configuration describes.
func llmPod(v *model.Version) object.Map {
	main := append(object.Map{{Key: "name", Value: llmContainer}}, llmTold(v)...)
	main.Set("resources", resources(v.Spec.Resources))
	out := object.Map{{Key: "containers", Value: object.List{main}}}
	others := v.Spec.Predictor.Others()
	for _, field := range slices.Sorted(maps.Keys(others)) {
		if !slices.Contains(passthrough.Told(), field) {
			out.Set(field, object.FromAny(others[field]))
		}
	}
	return out
}

// llmTold is how vLLM is told to run.
func llmTold(v *model.Version) object.Map {
	return with(v.Spec.Predictor, object.Map{{Key: "env", Value: offline}})
}

// llmRouter makes the version a member of the deployment's group. What is empty
// there stands for KServe's default, and its absence for none.
func llmRouter(m *model.Model, v *model.Version) object.Map {
	out := object.Map{{Key: "gateway", Value: llmGateway(m)}}
	route := object.Map{}
	if m.Platform.KServe().LLM.RouteGroups {
		route = object.Map{{Key: "group", Value: m.Deployment.Metadata.Name}, {Key: "weight", Value: llmWeight(m, v)}}
	}
	out = append(out, object.Field{Key: "route", Value: route})
	if s := v.Spec.LLM.Scheduler; s != nil {
		scheduler := object.Map{}
		count(&scheduler, "replicas", s.Replicas)
		out = append(out, object.Field{Key: "scheduler", Value: scheduler})
	}
	return out
}

func llmGateway(m *model.Model) object.Map {
	g := m.Platform.Spec.Serving.Gateway
	if g == nil {
		return object.Map{}
	}
	ref := object.Map{{Key: "name", Value: g.Name}}
	// KServe 0.17 would make an empty one of none, which no route can have.
	ref.Set("namespace", cmp.Or(g.Namespace, m.Deployment.Metadata.Namespace))
	return object.Map{{Key: "refs", Value: object.List{ref}}}
}

// llmWeight is the version's percentage of the group's traffic.
func llmWeight(m *model.Model, v *model.Version) int {
	switch {
	case m.Canary == nil:
		return 100
	case v == m.Canary:
		return *m.Share.Weight
	}
	return 100 - *m.Share.Weight
}

func llmConfigs(names []string) object.List {
	var out object.List
	for _, name := range names {
		out = append(out, object.Map{{Key: "name", Value: name}})
	}
	return out
}

// count sets a number of which 0 says nothing.
func count(m *object.Map, key string, n int) {
	if n != 0 {
		m.Set(key, n)
	}
}
