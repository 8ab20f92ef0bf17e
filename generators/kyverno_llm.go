package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/validators"
)

// llmShape demands that an LLMInferenceService loads exactly what was verified,
// adapters and configurations included, in the one container that was rendered.
// How many copies run and how the traffic is shared may change.
func llmShape(m *model.Model) object.List {
	return object.List{
		validation("only the fields that were rendered may be set, besides replicas and weights",
			lines("object.spec.all(k, k in "+celList([]string{"baseRefs", "model", "parallelism", "replicas", "router", "template"})+")",
				"&& object.spec.template.all(k, k in "+celList(llmPodKeys())+")",
				"&& object.spec.router.all(k, k in ['gateway', 'route', 'scheduler'])",
				"&& object.spec.router.?gateway.orValue({}).all(k, k in ['refs'])",
				"&& object.spec.router.?route.orValue({}).all(k, k in ['group', 'weight'])",
				"&& object.spec.router.?scheduler.orValue({}).all(k, k in ['replicas'])")),
		validation("the model and its adapters must be those that were verified: "+strings.Join(llmURIs(m), ", "), llmVersions(m)),
		validation("vLLM must run as it was rendered",
			lines("object.spec.template.containers.size() == 1",
				"&& object.spec.template.containers.all(c, c.all(k, k in ['env', 'name', 'resources'])",
				"&& c.name == "+celString(llmContainer)+" && c.?env.orValue([]) == "+celValue(llmEnv())+")")),
	}
}

// llmVersions demands one of the rendered versions, each as a whole: the adapters
// of one do not go with the model of another.
func llmVersions(m *model.Model) string {
	var variants []string
	for _, v := range m.Versions() {
		text := "object.spec.model == " + celValue(llmModel(m, v)) + "\n&& object.spec.?baseRefs.orValue([]) == " + celValue(llmConfigs(v.Spec.LLM.BaseRefs))
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
func llmPodKeys() []string {
	keys := append([]string{"containers"}, validators.PredictorFields()...)
	slices.Sort(keys)
	return keys
}
