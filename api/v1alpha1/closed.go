package v1alpha1

import "reflect"

// reason is why a field is not known; a certain one is about that very field,
// which is no typo of another.
type reason struct {
	text    string
	certain bool
}

// whyClosed says why a type lacks a field that its namesake in Kubernetes has, or
// nothing.
func whyClosed(t reflect.Type, key string) reason {
	if text := refusedFields()[t][key]; text != "" {
		return reason{text, true}
	}
	switch t {
	case reflect.TypeFor[Container](), reflect.TypeFor[Component]():
		return reason{text: "it could make something else answer than the verified model"}
	}
	return reason{}
}

func refusedFields() map[reflect.Type]map[string]string {
	const elsewhere = "a probe asks the model's own container, and the kubelet would ask any address for it"
	return map[reflect.Type]map[string]string{
		reflect.TypeFor[Probe](): {
			"exec": "it runs a command in the container, which could write another model over the verified one",
		},
		reflect.TypeFor[HTTPGet](): {
			"host":        elsewhere,
			"httpHeaders": "with a Host header a probe could be led elsewhere",
		},
		reflect.TypeFor[TCPSocket](): {"host": elsewhere},
		reflect.TypeFor[EnvVar](): {
			"valueFrom": "what it reads stands in the cluster, where nobody reviews it",
		},
	}
}
