package validators

import (
	"fmt"
	"maps"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// provenance: what the platform requires to be stated of each version is stated,
// and what is stated is what signed attestations say.
func provenance(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		if v == m.Canary && m.Share.Provenance == nil && v.Spec.Model == m.Stable.Spec.Model {
			continue // the same of the same, and reported where it stands
		}
		out = append(out, unstated(m, v)...)
		out = append(out, contradicted(m, v)...)
	}
	return out
}

func unstated(m *model.Model, v *model.Version) finding.List {
	policy := m.Platform.Spec.Provenance
	if policy == nil || v == m.Canary && m.Share.Provenance == nil {
		return nil
	}
	var out finding.List
	for _, key := range policy.Required {
		if v.Spec.Provenance[key] == "" {
			out = append(out, refuse(m, "missing-provenance", v.Field+".provenance."+key,
				fmt.Sprintf("platform %s requires it", m.Platform.Name),
				fmt.Sprintf("write provenance: {%s: ...}", key)))
		}
	}
	return out
}

func contradicted(m *model.Model, v *model.Version) finding.List {
	var out finding.List
	for _, attested := range v.Verdict.Attestations() {
		for _, key := range slices.Sorted(maps.Keys(attested.Provenance)) {
			stated, attests := v.Spec.Provenance[key], attested.Provenance[key]
			if stated != "" && stated != attests {
				out = append(out, refuse(m, "contradicted-provenance", v.Field+".provenance."+key,
					fmt.Sprintf("it says %q, and the attestation of type %s by %s says %q", stated, attested.PredicateType, attested.Signer.Authority.Name, attests),
					fmt.Sprintf("write provenance: {%s: %q}, or where a newer attestation says otherwise run `modelfn lock --update`", key, attests)))
			}
		}
	}
	return out
}
