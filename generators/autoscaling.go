package generators

import (
	"strconv"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// scaler says who scales, where that is not KServe's default. KServe reads it on
// the InferenceService, for all that this runs, and copies it to the pods.
func scaler(annotations map[string]string, m *model.Model) {
	if m.KnativeHPA() {
		// Knative's own autoscaler does not know cpu and memory, and KServe refuses them.
		annotations["autoscaling.knative.dev/class"] = "hpa.autoscaling.knative.dev"
	}
	switch class := m.ScaleClass(); class {
	case v1alpha1.ScaleKEDA, v1alpha1.ScaleExternal, v1alpha1.ScaleNone:
		annotations["serving.kserve.io/autoscalerClass"] = class
	}
}

// bounds are how many copies there may be, as far as the class heeds them.
func bounds(component *object.Map, m *model.Model, replicas *v1alpha1.Replicas) {
	class := m.ScaleClass()
	if replicas == nil || class == v1alpha1.ScaleExternal {
		return
	}
	if replicas.Min != nil {
		component.Set("minReplicas", *replicas.Min)
	}
	if replicas.Max != 0 && class != v1alpha1.ScaleNone {
		component.Set("maxReplicas", replicas.Max)
	}
}

// scale is what the number of copies follows; service is the InferenceService.
func scale(component *object.Map, m *model.Model, service string, by *v1alpha1.Autoscaling) {
	switch {
	case by == nil:
	case m.ScaleClass() == v1alpha1.ScaleKEDA:
		component.Set("autoScaling", kedaScaling(m, service, by))
	case by.Metric != "":
		component.Set("scaleMetric", by.Metric)
		component.Set("scaleTarget", by.Target)
	}
}

// kedaScaling is KServe's spelling of one of KEDA's triggers. The server that is
// asked is the platform's: KEDA reaches what a repository does not.
func kedaScaling(m *model.Model, service string, by *v1alpha1.Autoscaling) object.Map {
	metric := object.Map{
		{Key: "type", Value: "Resource"},
		{Key: "resource", Value: object.Map{
			{Key: "name", Value: by.Metric},
			{Key: "target", Value: object.Map{{Key: "type", Value: "Utilization"}, {Key: "averageUtilization", Value: by.Target}}},
		}},
	}
	if by.Query != "" {
		metric = object.Map{
			{Key: "type", Value: "External"},
			{Key: "external", Value: object.Map{
				{Key: "metric", Value: object.Map{
					{Key: "backend", Value: "prometheus"},
					{Key: "serverAddress", Value: m.Platform.Spec.Serving.Prometheus.ServerAddress},
					{Key: "query", Value: strings.NewReplacer("{name}", service, "{namespace}", m.Deployment.Metadata.Namespace).Replace(by.Query)},
				}},
				{Key: "target", Value: object.Map{{Key: "type", Value: "Value"}, {Key: "value", Value: strconv.Itoa(by.Target)}}},
			}},
		}
	}
	return object.Map{{Key: "metrics", Value: object.List{metric}}}
}
