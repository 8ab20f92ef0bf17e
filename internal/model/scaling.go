package model

import "github.com/modelfn/modelfn/api/v1alpha1"

// Replicas are what the deployment says, or else the platform.
func (m *Model) Replicas() *v1alpha1.Replicas {
	if d := m.Platform.Spec.Serving.Defaults; m.Deployment.Spec.Replicas == nil && d != nil {
		return d.Replicas
	}
	return m.Deployment.Spec.Replicas
}

// ScaleClass is who scales, as the deployment says; "" leaves it to KServe.
func (m *Model) ScaleClass() string {
	if a := m.Deployment.Spec.Autoscaling; a != nil {
		return a.Class
	}
	return ""
}

// KnativeHPA tells whether in Knative mode pods are counted by their load: then
// Knative takes its HorizontalPodAutoscaler, for all that the InferenceService
// runs.
func (m *Model) KnativeHPA() bool {
	return m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative && m.Deployment.Spec.Autoscaling.OfPods()
}
