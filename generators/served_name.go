package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// servedName are the fields of the model's container that tell a version's server
// to serve under the deployment's name, in Standard mode. KServe's runtimes take
// the InferenceService's, in which the digest stands, so that each version would
// answer under a path of its own.
func servedName(m *model.Model, v model.Version) object.Map {
	var out object.Map
	if m.Platform.Spec.Serving.Mode != v1alpha1.ModeStandard {
		return nil
	}
	runtime, _ := kserve.Find(v.Runtime())
	name := m.Deployment.Metadata.Name
	switch {
	case runtime.Named.Flag != "":
		out.Set("args", object.List{runtime.Named.Flag + name})
	case runtime.Named.Env != "":
		out.Set("env", object.List{object.Map{{Key: "name", Value: runtime.Named.Env}, {Key: "value", Value: name}}})
	}
	return out
}
