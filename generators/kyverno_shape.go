package generators

import (
	"slices"
	"strings"

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
		"canaryTrafficPercent", "maxReplicas", "minReplicas", "model", "scaleMetric", "scaleTarget",
	}, validators.PredictorFields()...)
	if sidecars(m) {
		keys = append(keys, "containers")
	}
	slices.Sort(keys)
	return keys
}

// modelKeys are the fields of predictor.model that we emit, and "name", which
// KServe's defaulter adds empty. Without args and env nothing can point the
// server at another model.
func modelKeys(m *model.Model) []string {
	keys := []string{"modelFormat", "name", "protocolVersion", "resources", "runtime", "storageUri"}
	if ported(m) {
		keys = append(keys, "ports")
		slices.Sort(keys)
	}
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
