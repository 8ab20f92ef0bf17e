package validators

import (
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// supported: a field that is part of the kinds but does nothing yet is refused,
// so that nobody relies on it.
func supported(m *model.Model) finding.List {
	if m.Deployment.Spec.Rollout == nil {
		return nil
	}
	return finding.List{refuse(m, "not-supported-yet", "spec.rollout", "this version of modelfn does not act on it yet", "remove it")}
}
