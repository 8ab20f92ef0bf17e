package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const kindConfigMap = "ConfigMap"

// record is a ConfigMap that says in the cluster what is rendered for a
// deployment, and by which lock and platform. It does not stand on the
// InferenceService: KServe copies its annotations to the pods, and each change of
// the platform would start every model anew. At scope Platform it is also what
// admission holds the deployment to, and is there before it.
type record struct{}

var _ Generator = record{}

func (record) Generate(m *model.Model) []object.Object {
	var data object.Map
	for _, v := range m.Versions() {
		data.Set(v.Role, v.Artifact.StorageURI())
		for i, a := range v.Adapters {
			data.Set(v.Role+".lora."+v.Spec.LLM.LoRA.Adapters[i].Name, a.Artifact.StorageURI())
		}
		for _, i := range v.Images {
			data.Set(v.Role+".container."+i.Spec.Name, i.Artifact.Identity())
		}
	}
	for _, c := range m.Components {
		for _, i := range c.Images {
			data.Set(c.Name+".container."+i.Spec.Name, i.Artifact.Identity())
		}
	}
	notes := recordAnnotations(m)
	if m.Platform.Spec.Policy.Scope == v1alpha1.ScopePlatform {
		notes = waved(notes, beforeVersions)
	}
	return []object.Object{{
		APIVersion: "v1", Kind: kindConfigMap,
		Namespace: m.Deployment.Metadata.Namespace, Name: "modelfn-" + m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: notes,
		Body: object.Map{{Key: "data", Value: data}},
	}}
}
