package v1alpha1

import (
	"encoding/json"
	"reflect"
	"sync"

	"github.com/modelfn/modelfn/internal/passthrough"
)

// Predictor holds fields of KServe's predictor by name: those of PredictorFields,
// and others that a platform may allow, which stay as they are.
type Predictor map[string]any

// PredictorFields are the fields of a Predictor that have a type, as Kubernetes
// and KServe have them. What a version may set is decided where it meets the
// platform.
type PredictorFields struct {
	// Args are added to the arguments that the runtime has, as --flag=value; only
	// listed flags.
	Args []string `json:"args,omitempty"`
	// Env are environment variables of the model's container; only listed ones.
	Env []EnvVar `json:"env,omitempty"`
	// LivenessProbe starts the model's container anew when it fails.
	LivenessProbe *Probe `json:"livenessProbe,omitempty"`
	// ReadinessProbe keeps requests from the model's container while it fails.
	ReadinessProbe *Probe `json:"readinessProbe,omitempty"`
	// StartupProbe holds the other two back until it succeeds.
	StartupProbe *Probe `json:"startupProbe,omitempty"`
	// Containers run beside the model.
	Containers []Container `json:"containers,omitempty"`

	// ContainerConcurrency is how many requests one copy answers at a time.
	ContainerConcurrency *int64 `json:"containerConcurrency,omitempty"`
	// Timeout of a request, in seconds.
	Timeout *int64 `json:"timeout,omitempty"`

	Affinity                      *Affinity                  `json:"affinity,omitempty"`
	ImagePullSecrets              []LocalReference           `json:"imagePullSecrets,omitempty"`
	NodeSelector                  map[string]string          `json:"nodeSelector,omitempty"`
	PriorityClassName             string                     `json:"priorityClassName,omitempty"`
	RuntimeClassName              string                     `json:"runtimeClassName,omitempty"`
	SchedulerName                 string                     `json:"schedulerName,omitempty"`
	ServiceAccountName            string                     `json:"serviceAccountName,omitempty"`
	TerminationGracePeriodSeconds *int64                     `json:"terminationGracePeriodSeconds,omitempty"`
	Tolerations                   []Toleration               `json:"tolerations,omitempty"`
	TopologySpreadConstraints     []TopologySpreadConstraint `json:"topologySpreadConstraints,omitempty"`
}

// containersField is what runs beside the model's container, not in it.
const containersField = "containers"

// Fields are those that have a type. A field of another type is left out: Decode
// refuses it.
func (p Predictor) Fields() PredictorFields {
	var out PredictorFields
	if len(p) == 0 {
		return out
	}
	raw, err := json.Marshal(p)
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return PredictorFields{} // it did not come through Decode
	}
	return out
}

// Containers are those that run beside the model.
func (p Predictor) Containers() []Container { return p.Fields().Containers }

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

// canonicalize spells fields as KServe does, which reads them into types and
// writes them again: what is empty goes, except where that means something.
func (p Predictor) canonicalize() {
	if len(p) == 0 {
		return
	}
	for name, t := range predictorTypes() {
		value, set := p[name]
		if !set || name == containersField {
			continue
		}
		typed := reflect.New(t)
		raw, err := json.Marshal(value)
		if err != nil || json.Unmarshal(raw, typed.Interface()) != nil {
			continue // it did not come through Decode
		}
		if empty(typed.Elem()) {
			delete(p, name)
			continue
		}
		if raw, err = json.Marshal(typed.Interface()); err == nil {
			var spelled any
			if json.Unmarshal(raw, &spelled) == nil {
				p[name] = spelled
			}
		}
	}
}

// empty is what encoding/json leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

// predictorTypes are the types of the fields by name.
var predictorTypes = sync.OnceValue(func() map[string]reflect.Type {
	return jsonFields(reflect.TypeFor[PredictorFields]())
})

// fieldType is the type of what stands under a key of a map.
func fieldType(t reflect.Type, key string) reflect.Type {
	if t == reflect.TypeFor[Predictor]() {
		if known := predictorTypes()[key]; known != nil {
			return known
		}
		if shape, widenable := passthrough.Shapes()[key]; widenable {
			return shapeTypes[shape]
		}
	}
	return t.Elem()
}

// shapeTypes are the types of the fields that a platform may allow, as far as they
// are checked.
var shapeTypes = map[passthrough.Shape]reflect.Type{
	passthrough.Boolean: reflect.TypeFor[bool](),
	passthrough.Whole:   reflect.TypeFor[int64](),
	passthrough.Text:    reflect.TypeFor[string](),
	passthrough.Map:     reflect.TypeFor[map[string]any](),
	passthrough.List:    reflect.TypeFor[[]any](),
}
