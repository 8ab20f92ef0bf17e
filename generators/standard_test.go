package generators

import (
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
)

// TestVersionReplicas: a canary has its share of the copies, rounded up.
func TestVersionReplicas(t *testing.T) {
	for name, tt := range map[string]struct{ min, weight, want int }{
		"a tenth of four":   {4, 10, 1},
		"rounded up":        {4, 30, 2},
		"just above one":    {3, 34, 2},
		"a whole number":    {4, 50, 2},
		"everything":        {4, 100, 4},
		"nothing, and one":  {4, 0, 1},
		"what may be at 0":  {0, 50, 0},
		"one, for the most": {1, 99, 1},
	} {
		m := &model.Model{Deployment: &v1alpha1.ModelDeployment{}, Canary: &model.Version{}, Share: &v1alpha1.Canary{Weight: &tt.weight}}
		m.Deployment.Spec.Replicas = &v1alpha1.Replicas{Min: &tt.min, Max: 8}
		m.Platform = &model.Platform{}
		if got := versionReplicas(m, m.Canary); *got.Min != tt.want || got.Max != 8 {
			t.Errorf("%s: %d to %d, want %d to 8", name, *got.Min, got.Max, tt.want)
		}
		if got := versionReplicas(m, &m.Stable); *got.Min != tt.min {
			t.Errorf("%s: %d copies of the stable version", name, *got.Min)
		}
	}
}
