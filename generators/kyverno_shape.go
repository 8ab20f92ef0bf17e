package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/validators"
)

// shape demands that the InferenceService has no fields but those that modelfn
// makes or lets through, and names exactly what was verified.
func shape(m *model.Model) object.List {
	var uris, digests []string
	for _, v := range m.Versions() {
		uris = append(uris, v.Artifact.StorageURI())
		digests = append(digests, v.Artifact.Identity())
	}
	out := object.List{
		validation("only spec.predictor.model may name a model",
			lines("object.spec.all(k, k in "+celList(specKeys(m))+")",
				"&& object.spec.predictor.all(k, k in "+celList(predictorKeys(m))+")",
				"&& object.spec.predictor.?model.orValue({}).all(k, k in "+celList(modelKeys(m))+")")),
		validation("the model must be one of the verified digests: "+strings.Join(digests, ", "),
			lines("object.spec.predictor.?model.storageUri.orValue('') in", celList(uris))),
	}
	out = append(out, servedNames(m)...)
	out = append(out, containerShape(m)...)
	return append(out,
		validation("the label that selects this policy must stay",
			"object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('') == "+celString(m.Deployment.Metadata.Name)),
		validation("the annotations of KServe's local model cache must not redirect the model",
			lines("object.metadata.?annotations.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))",
				"&& object.metadata.?labels.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))")))
}

// specKeys are the components that we emit.
func specKeys(m *model.Model) []string {
	keys := []string{"predictor"}
	for _, c := range m.Components {
		keys = append(keys, c.Name)
	}
	slices.Sort(keys)
	return keys
}

// predictorKeys are the fields of the predictor that we emit or let through.
func predictorKeys(m *model.Model) []string {
	keys := append([]string{
		"maxReplicas", "minReplicas", "model", "scaleMetric", "scaleTarget",
	}, validators.PredictorFields()...)
	if sidecars(m) {
		keys = append(keys, "containers")
	}
	if m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative {
		keys = append(keys, "canaryTrafficPercent")
	}
	slices.Sort(keys)
	return keys
}

// servedNames demands exactly the arguments and environment by which the versions
// get their name: any other could name another model.
func servedNames(m *model.Model) object.List {
	var out object.List
	for _, field := range []string{"args", "env"} {
		var allowed []string
		for _, v := range m.Versions() {
			if list, ok := servedName(m, *v).Get(field).(object.List); ok && !slices.Contains(allowed, celValue(list)) {
				allowed = append(allowed, celValue(list))
			}
		}
		if len(allowed) > 0 {
			out = append(out, validation("the model must be served as "+m.Deployment.Metadata.Name+", and its server told nothing else",
				"object.spec.predictor.?model."+field+".orValue([]) in ["+strings.Join(allowed, ", ")+"]"))
		}
	}
	return out
}

// modelKeys are the fields of predictor.model that we emit, and "name", which
// KServe's defaulter adds empty. Without args and env nothing can point the
// server at another model.
func modelKeys(m *model.Model) []string {
	keys := []string{"modelFormat", "name", "protocolVersion", "resources", "runtime", "storageUri"}
	if ported(m) {
		keys = append(keys, "ports")
	}
	for _, v := range m.Versions() {
		for _, f := range servedName(m, *v) {
			if !slices.Contains(keys, f.Key) {
				keys = append(keys, f.Key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// ported tells whether the model's container is given a port.
func ported(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return needsPort(*v) })
}

// sidecars tells whether a container runs beside the model.
func sidecars(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return len(v.Images) > 0 })
}
