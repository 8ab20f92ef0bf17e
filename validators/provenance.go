package validators

import (
	"fmt"
	"maps"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// provenance: what the platform requires to be stated is stated, and what is
// stated is what signed attestations say.
func provenance(m *model.Model) finding.List {
	var out finding.List
	if policy := m.Platform.Spec.Provenance; policy != nil {
		for _, key := range policy.Required {
			if m.Deployment.Spec.Provenance[key] == "" {
				out = append(out, refuse(m, "missing-provenance", "spec.provenance."+key,
					fmt.Sprintf("platform %s requires it", m.Platform.Name),
					fmt.Sprintf("write provenance: {%s: ...}", key)))
			}
		}
	}
	for _, attested := range m.Stable.Verdict.Attestations() {
		for _, key := range slices.Sorted(maps.Keys(attested.Provenance)) {
			stated, attests := m.Deployment.Spec.Provenance[key], attested.Provenance[key]
			if stated != "" && stated != attests {
				out = append(out, refuse(m, "contradicted-provenance", "spec.provenance."+key,
					fmt.Sprintf("it says %q, and the attestation of type %s by %s says %q", stated, attested.PredicateType, attested.Signer.Authority.Name, attests),
					fmt.Sprintf("write provenance: {%s: %q}", key, attests)))
			}
		}
	}
	return out
}
