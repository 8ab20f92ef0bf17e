package validators

import (
	"reflect"

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
	sameModel := stable.Spec.Model == second.Spec.Model ||
		stable.Artifact.Pinned() && stable.Artifact.Digest() == second.Artifact.Digest()
	if sameModel && reflect.DeepEqual(a, b) {
		return finding.List{refuse(m, "canary-same", "spec.canary",
			"the canary is the stable version: same model, same settings",
			"name another model or change a setting, or remove the canary")}
	}
	return nil
}
