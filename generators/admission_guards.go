package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// kindGuard refuses what is no model and yet decides, in a namespace, what models
// load and who judges them: a ServingRuntime goes before the cluster's of its name,
// an LLMInferenceServiceConfig before KServe's own, a cache of local models swaps
// the volume, a TrainedModel or an InferenceGraph answers in a model's place, and
// an exception or a mutation goes past Kyverno's policies, and Gatekeeper's Config
// leaves namespaces out of its own. Objects of the cluster itself are a matter of
// who may write them.
func kindGuard(p *model.Platform) admissionPolicy {
	return admissionPolicy{
		name: "modelfn-kinds",
		kinds: []guarded{
			// All of KServe's, that a later kind be none that nobody thought of.
			{"serving.kserve.io", []string{"*"}},
			{"kyverno.io", []string{"PolicyException"}},
			{"policies.kyverno.io", []string{"PolicyException", "NamespacedMutatingPolicy"}},
			{"config.gatekeeper.sh", []string{"Config"}},
		},
		namespaced: true,
		conditions: object.List{named("no-model", "!(object.kind in "+celList(modelKinds)+")")},
		validations: object.List{validation(
			"this kind decides what models load, or who judges them: it takes the platform's leave (spec.allowForeign), or a namespace of the platform's own",
			isForeign(foreign(p, "")))},
	}
}
