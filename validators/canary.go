package validators

import (
	"reflect"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// canary: a canary that differs in nothing tests nothing, and in Knative mode
// makes no second revision to send traffic to.
func canary(m *model.Model) finding.List {
	if m.Canary == nil {
		return nil
	}
	stable, second := m.Stable, *m.Canary
	a, b := stable.Spec, second.Spec
	a.Model, b.Model = "", ""
	a.Provenance, b.Provenance = nil, nil
	// Containers are compared by what their images are, as models are.
	a.Predictor, b.Predictor = a.Predictor.Others(), b.Predictor.Others()
	if same(stable.Spec.Model, second.Spec.Model, stable.Judged, second.Judged) &&
		reflect.DeepEqual(a, b) && slices.EqualFunc(stable.Images, second.Images, sameContainer) {
		return finding.List{refuse(m, "canary-same", second.Field,
			"the "+second.Role+" is the stable version: same model, same settings",
			"name another model or change a setting, or remove the "+second.Role)}
	}
	return nil
}

// same tells whether two URIs name one artifact.
func same(uri, other string, a, b model.Judged) bool {
	return uri == other || a.Artifact.Resolved() && b.Artifact.Resolved() && a.Artifact.Identity() == b.Artifact.Identity()
}

func sameContainer(a, b *model.Image) bool {
	return a.Spec.Name == b.Spec.Name && reflect.DeepEqual(a.Spec.Resources, b.Spec.Resources) &&
		same(a.Spec.Image, b.Spec.Image, a.Judged, b.Judged)
}
