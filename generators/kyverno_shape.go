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
	out = append(out, portShape(m)...)
	out = append(out, containerShape(m)...)
	out = append(out, visibilityShape(m)...)
	out = append(out, canaryShape(m)...)
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

// servedNames demands exactly the arguments and environment by which a version
// gets its name: any other could name another model.
func servedNames(m *model.Model) object.List {
	fields := nameFields(m)
	if len(fields) == 0 {
		return nil // modelKeys has none of them
	}
	var variants []string
	for _, v := range m.Versions() {
		told := servedName(m, v)
		var each []string
		for _, field := range fields {
			list, _ := told.Get(field).(object.List)
			each = append(each, "object.spec.predictor.?model."+field+".orValue([]) == "+celValue(list))
		}
		if text := strings.Join(each, " && "); !slices.Contains(variants, text) {
			variants = append(variants, text)
		}
	}
	return object.List{validation("the model must be served as "+m.Deployment.Metadata.Name+", and its server told nothing else",
		strings.Join(variants, "\n|| "))}
}

// nameFields are the fields of predictor.model by which any version gets its name.
func nameFields(m *model.Model) []string {
	var out []string
	for _, v := range m.Versions() {
		for _, f := range servedName(m, v) {
			if !slices.Contains(out, f.Key) {
				out = append(out, f.Key)
			}
		}
	}
	slices.Sort(out)
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
	keys = append(keys, nameFields(m)...)
	slices.Sort(keys)
	return keys
}

// sidecars tells whether a container runs beside the model.
func sidecars(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return len(v.Images) > 0 })
}
