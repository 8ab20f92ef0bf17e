package generators

import (
	"maps"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const kindInferenceService = "InferenceService"

// kserve makes the InferenceService for KServe's Knative mode.
type kserve struct{}

var _ Generator = kserve{}

// Generate makes one InferenceService. With a canary it holds the canary's
// model and canaryTrafficPercent: KServe keeps serving the last rolled-out
// revision with the rest of the traffic. canaryTrafficPercent 0 is a rollback,
// its absence promotes, so it is there exactly when there is a canary.
func (kserve) Generate(m *model.Model) []object.Object {
	served := m.Stable
	var predictor object.Map
	if m.Canary != nil {
		served = *m.Canary
		predictor.Set("canaryTrafficPercent", *m.Deployment.Spec.Canary.Weight)
	}
	scale(&predictor, m)
	for _, field := range slices.Sorted(maps.Keys(served.Spec.Predictor)) {
		predictor.Set(field, object.FromAny(served.Spec.Predictor[field]))
	}
	predictor.Set("model", container(served))

	notes := annotations(m)
	// The current name: KServe rewrites "Serverless", and Argo CD would show
	// the difference for ever.
	notes["serving.kserve.io/deploymentMode"] = v1alpha1.ModeKnative
	return []object.Object{{
		APIVersion: "serving.kserve.io/v1beta1", Kind: kindInferenceService,
		Namespace: m.Deployment.Metadata.Namespace, Name: m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: notes,
		Body: object.Map{{Key: "spec", Value: object.Map{{Key: "predictor", Value: predictor}}}},
	}}
}

func scale(predictor *object.Map, m *model.Model) {
	replicas := m.Deployment.Spec.Replicas
	if d := m.Platform.Spec.Serving.Defaults; replicas == nil && d != nil {
		replicas = d.Replicas
	}
	if replicas != nil {
		if replicas.Min != nil {
			predictor.Set("minReplicas", *replicas.Min)
		}
		if replicas.Max != 0 {
			predictor.Set("maxReplicas", replicas.Max)
		}
	}
	if a := m.Deployment.Spec.Autoscaling; a != nil {
		predictor.Set("scaleMetric", a.Metric)
		predictor.Set("scaleTarget", a.Target)
	}
}

// container is the predictor's model: what is loaded, and by what.
func container(v model.Version) object.Map {
	var format, resources, out object.Map
	format.Set("name", v.Format().Name)
	format.Set("version", v.Format().Version)
	out.Set("modelFormat", format)
	out.Set("storageUri", v.Artifact.StorageURI())
	out.Set("runtime", v.Spec.Runtime)
	out.Set("protocolVersion", v.Spec.ProtocolVersion)
	if r := v.Spec.Resources; r != nil {
		resources.Set("limits", object.Strings(r.Limits))
		resources.Set("requests", object.Strings(r.Requests))
	}
	out.Set("resources", resources)
	return out
}
