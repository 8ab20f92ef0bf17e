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
	others := served.Spec.Predictor.Others()
	for _, field := range slices.Sorted(maps.Keys(others)) {
		predictor.Set(field, object.FromAny(others[field]))
	}
	loaded := container(served)
	if needsPort(served) {
		loaded.Set("ports", ports())
	}
	predictor.Set("model", loaded)
	predictor.Set("containers", containers(served.Images))
	spec := object.Map{{Key: "predictor", Value: predictor}}
	for _, c := range m.Components {
		spec.Set(c.Name, component(c))
	}

	notes := annotations(m)
	// The current name: KServe rewrites "Serverless", and Argo CD would show
	// the difference for ever.
	notes["serving.kserve.io/deploymentMode"] = v1alpha1.ModeKnative
	return []object.Object{{
		APIVersion: "serving.kserve.io/v1beta1", Kind: kindInferenceService,
		Namespace: m.Deployment.Metadata.Namespace, Name: m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: notes,
		Body: object.Map{{Key: "spec", Value: spec}},
	}}
}

func scale(predictor *object.Map, m *model.Model) {
	replicas := m.Deployment.Spec.Replicas
	if d := m.Platform.Spec.Serving.Defaults; replicas == nil && d != nil {
		replicas = d.Replicas
	}
	bounds(predictor, replicas)
	if a := m.Deployment.Spec.Autoscaling; a != nil {
		predictor.Set("scaleMetric", a.Metric)
		predictor.Set("scaleTarget", a.Target)
	}
}

func bounds(component *object.Map, replicas *v1alpha1.Replicas) {
	if replicas == nil {
		return
	}
	if replicas.Min != nil {
		component.Set("minReplicas", *replicas.Min)
	}
	if replicas.Max != 0 {
		component.Set("maxReplicas", replicas.Max)
	}
}

// container is the predictor's model: what is loaded, and by what.
func container(v model.Version) object.Map {
	var format, out object.Map
	format.Set("name", v.Format().Name)
	format.Set("version", v.Format().Version)
	out.Set("modelFormat", format)
	out.Set("storageUri", v.Artifact.StorageURI())
	out.Set("runtime", v.Spec.Runtime)
	out.Set("protocolVersion", v.Spec.ProtocolVersion)
	out.Set("resources", resources(v.Spec.Resources))
	return out
}

func resources(r *v1alpha1.Resources) object.Map {
	var out object.Map
	if r != nil {
		out.Set("limits", object.Strings(r.Limits))
		out.Set("requests", object.Strings(r.Requests))
	}
	return out
}
