package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const kindConfigMap = "ConfigMap"

// record is a ConfigMap that says in the cluster what is rendered for a
// deployment, and by which lock and platform. It does not stand on the
// InferenceService: KServe copies its annotations to the pods, and each change of
// the platform would start every model anew.
type record struct{}

var _ Generator = record{}

func (record) Generate(m *model.Model) []object.Object {
	var data object.Map
	for _, v := range m.Versions() {
		data.Set(v.Role, v.Artifact.StorageURI())
		for i, a := range v.Adapters {
			data.Set(v.Role+".lora."+v.Spec.LLM.LoRA.Adapters[i].Name, a.Artifact.StorageURI())
		}
	}
	return []object.Object{{
		APIVersion: "v1", Kind: kindConfigMap,
		Namespace: m.Deployment.Metadata.Namespace, Name: "modelfn-" + m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: recordAnnotations(m),
		Body: object.Map{{Key: "data", Value: data}},
	}}
}
