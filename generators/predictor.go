package generators

import (
	"maps"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

const kindInferenceService = "InferenceService"

// inferenceService is the object that serves one version.
func inferenceService(m *model.Model, v model.Version, name string, predictor object.Map) object.Object {
	spec := object.Map{{Key: "predictor", Value: predictor}}
	for _, c := range m.Components {
		spec.Set(c.Name, component(m, c, name))
	}
	notes := versionAnnotations(v)
	// The current names: KServe rewrites "Serverless" and "RawDeployment", and
	// Argo CD would show the difference for ever.
	notes["serving.kserve.io/deploymentMode"] = m.Platform.Spec.Serving.Mode
	scaler(notes, m)
	return object.Object{
		APIVersion: "serving.kserve.io/v1beta1", Kind: kindInferenceService,
		Namespace: m.Deployment.Metadata.Namespace, Name: name,
		Labels: labels(m), Annotations: notes,
		Body: object.Map{{Key: "spec", Value: spec}},
	}
}

// pods are how and where a version's pods run, and how many; name is the
// InferenceService's.
func pods(predictor *object.Map, m *model.Model, v model.Version, name string, replicas *v1alpha1.Replicas) {
	bounds(predictor, m, replicas)
	scale(predictor, m, name, m.Deployment.Spec.Autoscaling)
	others := v.Spec.Predictor.Others()
	for _, field := range slices.Sorted(maps.Keys(others)) {
		if !slices.Contains(passthrough.Told(), field) { // those are the container's
			predictor.Set(field, object.FromAny(others[field]))
		}
	}
}

// container is the predictor's model: what is loaded, and by what.
func container(m *model.Model, v *model.Version) object.Map {
	var format, out object.Map
	format.Set("name", v.Format().Name)
	format.Set("version", v.Format().Version)
	out.Set("modelFormat", format)
	out.Set("storageUri", v.Artifact.StorageURI())
	out.Set("runtime", namedRuntime(m, v))
	out.Set("protocolVersion", v.Protocol())
	out.Set("resources", resources(v.Spec.Resources))
	return out
}

// namedRuntime is the one that the object names; "" leaves it to KServe. Where the
// server is told the name to serve under, as only that runtime takes it, it is
// always named.
func namedRuntime(m *model.Model, v *model.Version) string {
	if ownObjects(m) {
		return v.Runtime()
	}
	return v.Spec.Runtime
}

func resources(r *v1alpha1.Resources) object.Map {
	var out object.Map
	if r != nil {
		out.Set("limits", object.Strings(r.Limits))
		out.Set("requests", object.Strings(r.Requests))
	}
	return out
}
