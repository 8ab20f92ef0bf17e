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
// leaves namespaces out of its own. Of the cluster's own objects it knows the one that
// KServe's own manifests bring along; the others are a matter of who may write them.
func kindGuard(p *model.Platform) admissionPolicy {
	allowed := isForeign(foreign(p, ""))
	return admissionPolicy{
		name: "modelfn-kinds",
		kinds: []guarded{
			// All of KServe's, that a later kind be none that nobody thought of.
			{"serving.kserve.io", []string{"*"}, scopeNamespaced},
			{"serving.kserve.io", []string{kindStorageContainer}, scopeCluster},
			{"kyverno.io", []string{"PolicyException", kindClassicPolicy}, scopeNamespaced},
			{"policies.kyverno.io", []string{"PolicyException", "NamespacedMutatingPolicy", "NamespacedGeneratingPolicy"}, scopeNamespaced},
			{"config.gatekeeper.sh", []string{"Config"}, scopeNamespaced},
		},
		conditions: object.List{named("no-model", "!(object.kind in "+celList(modelKinds)+")")},
		// A ClusterStorageContainer has this beside its spec.
		always: "object.?disabled.orValue(false) != oldObject.?disabled.orValue(false)",
		validations: object.List{
			validation("this kind decides what models load, or who judges them: it takes the platform's leave (spec.allowForeign), or a namespace of the platform's own",
				lines("object.kind == "+celString(kindStorageContainer), "|| "+harmlessPolicy, "|| "+allowed)),
			storageContainers(p, allowed),
		},
	}
}

// harmlessPolicy: of Kyverno's older kind, rules that judge are no matter of ours, and
// those that change or make objects are: Pods, after KServe has made them.
var harmlessPolicy = "object.kind == " + celString(kindClassicPolicy) + " && object.spec.?rules.orValue([]).all(r, !('mutate' in r) && !('generate' in r))"
