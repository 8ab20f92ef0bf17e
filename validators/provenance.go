package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// provenance: what the platform requires to be stated is stated.
func provenance(m *model.Model) finding.List {
	policy := m.Platform.Spec.Provenance
	if policy == nil {
		return nil
	}
	var out finding.List
	for _, key := range policy.Required {
		if m.Deployment.Spec.Provenance[key] == "" {
			out = append(out, refuse(m, "missing-provenance", "spec.provenance."+key,
				fmt.Sprintf("platform %s requires it", m.Platform.Name),
				fmt.Sprintf("write provenance: {%s: ...}", key)))
		}
	}
	return out
}
