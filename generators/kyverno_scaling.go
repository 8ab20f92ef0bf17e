package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// scaledOnly demands the triggers that were rendered for KEDA, which fetches from
// the address in them.
func scaledOnly(m *model.Model) object.List {
	if m.ScaleClass() != v1alpha1.ScaleKEDA {
		return nil // predictorKeys and scalingKeys have no autoScaling
	}
	var out object.List
	demand := func(component string, by *v1alpha1.Autoscaling) {
		var variants []string
		for _, v := range m.Versions() {
			if text := celValue(kedaScaling(m, m.VersionName(v), by)); !slices.Contains(variants, text) {
				variants = append(variants, text)
			}
		}
		out = append(out, validation("spec."+component+" must be scaled by what was rendered",
			"object.spec.?"+component+".autoScaling.orValue({}) in [\n"+strings.Join(variants, ",\n")+"]"))
	}
	demand("predictor", m.Deployment.Spec.Autoscaling)
	for _, c := range m.Components {
		demand(c.Name, c.Autoscaling)
	}
	return out
}

// scalingKeys are the fields by which a component is scaled.
func scalingKeys(m *model.Model, by *v1alpha1.Autoscaling) []string {
	switch {
	case m.ScaleClass() == v1alpha1.ScaleKEDA:
		return []string{"autoScaling"}
	case by != nil:
		return []string{"scaleMetric", "scaleTarget"}
	default:
		return nil
	}
}
