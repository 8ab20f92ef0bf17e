package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// knative makes the InferenceService for KServe's Knative mode.
type knative struct{}

var _ Generator = knative{}

// Generate makes one InferenceService. With a canary it holds the canary's
// model and canaryTrafficPercent: KServe keeps serving the last rolled-out
// revision with the rest of the traffic. canaryTrafficPercent 0 is a rollback,
// its absence promotes, so it is there exactly when there is a canary.
func (knative) Generate(m *model.Model) []object.Object {
	served := m.Stable
	var predictor object.Map
	if m.Canary != nil {
		served = *m.Canary
		predictor.Set("canaryTrafficPercent", *m.Share.Weight)
	}
	name := m.Deployment.Metadata.Name
	pods(&predictor, m, served, name, m.Replicas())
	loaded := append(container(m, &served), told(m, &served)...)
	loaded.Set("ports", modelPorts(m, &served))
	predictor.Set("model", loaded)
	predictor.Set("containers", containers(served.Images))
	return []object.Object{inferenceService(m, served, name, predictor)}
}
