package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// admission: what render accepts, the admission engine must be able to enforce,
// or the model would be stuck, or the policy weaker than the platform's.
func admission(m *model.Model) finding.List {
	if m.Platform.Spec.Policy.Engine != v1alpha1.EngineKyverno {
		return nil
	}
	var out finding.List
	for _, v := range m.Versions() {
		signers := v.Verdict.Signers()
		if !v.Trusted() || v.Verdict.Rule().Threshold < 2 {
			continue
		}
		for _, s := range signers[1:] {
			if s.Format != signers[0].Format {
				out = append(out, refuse(m, "policy-gap", v.Field+".model",
					fmt.Sprintf("Kyverno cannot count %d signers across formats: %s signed as %s, %s as %s",
						v.Verdict.Rule().Threshold, signers[0].Authority.Name, signers[0].Format, s.Authority.Name, s.Format),
					"let all authorities sign in one format (cosign v3's bundle)"))
				break
			}
		}
	}
	return out
}
