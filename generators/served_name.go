package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// ownObjects tells whether each version has an InferenceService of its own, and so
// another name than the deployment.
func ownObjects(m *model.Model) bool {
	return m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard
}

// servedName are the fields of the model's container that tell a version's server
// to serve under the deployment's name, in Standard mode. KServe's runtimes take
// the InferenceService's, in which the digest stands, so that each version would
// answer under a path of its own.
func servedName(m *model.Model, v *model.Version) object.Map {
	var out object.Map
	if !ownObjects(m) {
		return nil
	}
	name := m.Deployment.Metadata.Name
	switch told := m.Naming(v); {
	case told.Flag != "":
		out.Set("args", object.List{told.Flag + name})
	case told.Env != "":
		out.Set("env", object.List{object.Map{{Key: "name", Value: told.Env}, {Key: "value", Value: name}}})
	}
	return out
}

// componentArgs tell what stands around the model under which name it answers, and
// asks for it. KServe adds the InferenceService's name unless there is one; this
// is how it writes it.
func componentArgs(m *model.Model) object.List {
	if !ownObjects(m) {
		return nil
	}
	return object.List{"--model_name", m.Deployment.Metadata.Name}
}
