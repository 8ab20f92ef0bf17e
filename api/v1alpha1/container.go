package v1alpha1

import (
	"encoding/json"
	"reflect"
)

// MainContainer is KServe's name of the container that answers requests.
const MainContainer = "kserve-container"

// Container is a container that runs beside the model, or around it. It has no
// other fields of Kubernetes: arguments, environment, ports, probes and volumes
// could each make something else answer than the verified model.
type Container struct {
	// Name is unique in its component. The first container of a transformer or
	// explainer is kserve-container, which is also the default there.
	Name string `json:"name,omitempty"`
	// Image is registry/repository:tag or @sha256:digest. A rule in spec.images
	// of the platform must allow it.
	Image string `json:"image"`
	// Resources of the container.
	Resources *Resources `json:"resources,omitempty"`
}

// Component is a custom transformer or explainer.
type Component struct {
	// Containers of the component; the first one answers requests.
	Containers []Container `json:"containers"`
	// Replicas bounds how many copies of the component run.
	Replicas *Replicas `json:"replicas,omitempty"`
}

// Predictor holds fields of KServe's predictor by name. containers, which run
// beside the model, are read as Containers; the others stay as they are.
type Predictor map[string]any

// containersField is the field of a Predictor that has a type.
const containersField = "containers"

// Containers are those that run beside the model: the one way to read the
// field.
func (p Predictor) Containers() []Container {
	raw, err := json.Marshal(p[containersField])
	if err != nil {
		return nil // it did not come from a document
	}
	var out []Container
	if json.Unmarshal(raw, &out) != nil {
		return nil // Decode refuses it
	}
	return out
}

// Others are the fields without containers.
func (p Predictor) Others() map[string]any {
	out := map[string]any{}
	for name, value := range p {
		if name != containersField {
			out[name] = value
		}
	}
	return out
}

// fieldType is the type of what stands under a key of a map.
func fieldType(t reflect.Type, key string) reflect.Type {
	if t == reflect.TypeFor[Predictor]() && key == containersField {
		return reflect.TypeFor[[]Container]()
	}
	return t.Elem()
}

// whyClosed says why a type has few of the fields that its namesake in
// Kubernetes has, or nothing.
func whyClosed(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Container](), reflect.TypeFor[Component]():
		return "it could make something else answer than the verified model"
	}
	return ""
}
