package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// standard makes, for KServe's Standard mode, an InferenceService of its own for
// each version. KServe ignores canaryTrafficPercent there without a word, so who
// gets which traffic is said by the route.
type standard struct{}

var _ Generator = standard{}

func (standard) Generate(m *model.Model) []object.Object {
	var out []object.Object
	for _, v := range m.Versions() {
		var predictor object.Map
		name := m.VersionName(v)
		pods(&predictor, m, *v, name, versionReplicas(m, v))
		loaded := append(container(m, v), told(m, v)...)
		loaded.Set("ports", modelPorts(m, v))
		predictor.Set("model", loaded)
		predictor.Set("containers", containers(v.Images))
		service := inferenceService(m, *v, name, predictor)
		// The version that is left stays until the route leads to the other.
		service.Annotations[syncOptions] = pruneLast
		service.Labels[visibilityLabel] = clusterLocal
		out = append(out, service)
	}
	return out
}

// versionReplicas scales the version beside down to its share of the traffic: its
// pods are paid for. A shadow, which has no weight, gets all of it. What may scale
// to zero may do so beside, too.
func versionReplicas(m *model.Model, v *model.Version) *v1alpha1.Replicas {
	all := m.Replicas()
	if v != m.Canary || all == nil || all.Min == nil || *all.Min == 0 || m.Share.Weight == nil {
		return all
	}
	share := max(1, (*all.Min**m.Share.Weight+99)/100)
	return &v1alpha1.Replicas{Min: &share, Max: all.Max}
}
