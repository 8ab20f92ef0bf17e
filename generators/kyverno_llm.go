package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// llmShape demands that an LLMInferenceService loads exactly what was verified,
// adapters and configurations included, in the one container that was rendered.
// How many copies run and how the traffic is shared may change.
func llmShape(m *model.Model) object.List {
	container := "object.spec.template.containers"
	return object.List{
		validation("only the fields that were rendered may be set, besides replicas and weights",
			lines("object.spec.all(k, k in "+celList([]string{"baseRefs", "model", "parallelism", "replicas", "router", "scaling", "template"})+")",
				"&& object.spec.template.all(k, k in "+celList(llmPodKeys(m))+")",
				"&& "+container+".size() == 1",
				"&& "+container+".all(c, c.name == "+celString(llmContainer)+" && "+onlyKeys("c", llmContainerKeys()...)+")",
				"&& "+onlyKeys("object.spec.router", "gateway", "route", "scheduler"),
				"&& "+onlyKeys("object.spec.router.?gateway.orValue({})", "refs"),
				"&& "+onlyKeys("object.spec.router.?route.orValue({})", "group", "weight"),
				"&& "+onlyKeys("object.spec.router.?scheduler.orValue({})", "replicas"))),
		validation("the model, its adapters and how it is loaded must be as they were verified: "+strings.Join(llmURIs(m), ", "), llmVersions(m)),
	}
}

// llmVersions demands one of the rendered versions, each as a whole: the adapters
// of one do not go with the model of another.
func llmVersions(m *model.Model) string {
	var variants []string
	for _, v := range m.Versions() {
		text := lines("object.spec.model == "+celValue(llmModel(m, v)),
			"&& object.spec.?baseRefs.orValue([]) == "+celValue(llmConfigs(v.Spec.LLM.BaseRefs)),
			"&& object.spec.template.containers.all(c, "+strings.Join(saidOf("c.?", llmTold(v), passthrough.Told()), "\n&& ")+")")
		if !slices.Contains(variants, text) {
			variants = append(variants, text)
		}
	}
	return strings.Join(variants, "\n|| ")
}

// llmURIs are what is loaded, sorted.
func llmURIs(m *model.Model) []string {
	var out []string
	for _, v := range m.Loaded() {
		out = append(out, v.Artifact.StorageURI())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// llmPodKeys are the fields of the pod that we emit or let through.
func llmPodKeys(m *model.Model) []string {
	keys := slices.Concat([]string{"containers"}, passthrough.Fields(), passthrough.Widened(m.Platform.Spec.Serving.AllowPredictorFields).Fields())
	keys = slices.DeleteFunc(keys, func(k string) bool { return slices.Contains(passthrough.OfInferenceService(), k) })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// llmContainerKeys are the fields of its container.
func llmContainerKeys() []string {
	keys := append(passthrough.Told(), "name", "resources")
	slices.Sort(keys)
	return keys
}
