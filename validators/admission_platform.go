package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// ruleGaps are what Kyverno cannot demand of whatever the rules decide about, at
// scope Platform, for the rules that decided about this model.
func ruleGaps(m *model.Model) finding.List {
	var out finding.List
	seen := map[string]bool{}
	eachTrusted(m, func(j model.Judged, field string) {
		rule := j.Verdict.Rule()
		for _, g := range rule.Duty(lax(m)).Gaps {
			if text := rule.Path + g.Message; !seen[text] {
				seen[text] = true
				out = append(out, refuse(m, "policy-gap", field, fmt.Sprintf("Kyverno cannot check what %s of the platform wants: %s", rule.Path, g.Message), g.Fix))
			}
		}
	})
	return out
}

// stuckByRule are what the platform's policies would not let in, although render
// does: they ask for bundles, whatever was found.
func stuckByRule(m *model.Model) finding.List {
	if m.Platform.Spec.Policy.Engine != v1alpha1.EngineKyverno {
		return nil
	}
	var out finding.List
	eachTrusted(m, func(j model.Judged, field string) {
		rule := j.Verdict.Rule()
		duty := rule.Duty(lax(m))
		if have := len(byRule(m, j)); have < duty.Need {
			out = append(out, refuse(m, "policy-gap", field,
				fmt.Sprintf("Kyverno would refuse %s: at scope Platform %s wants bundles (cosign v3) by %d of %s, and there are %d", j.Artifact.Identity(), rule.Path, duty.Need, trust.Names(duty.Releasing), have),
				anew(m, "sign it with cosign v3")+", or set spec.policy.scope of the platform to Model"))
		}
		for _, a := range j.Verdict.Attestations() {
			if a.Enforceable() {
				continue
			}
			for _, wanted := range duty.Attestations {
				if wanted.PredicateType == a.PredicateType {
					_, fix := unenforceable(m, a.Signer)
					out = append(out, refuse(m, "policy-gap", field,
						fmt.Sprintf("Kyverno would refuse %s: at scope Platform %s wants the attestation of type %s as a bundle", j.Artifact.Identity(), rule.Path, a.PredicateType), fix))
				}
			}
		}
	})
	return out
}

// lax: the platform is content with what is left where there is a gap.
func lax(m *model.Model) bool { return m.Platform.Spec.Policy.OnGap == v1alpha1.OnGapWarn }

// byRule are the signers whom the policy of a rule counts: those of older signatures
// only where the platform is content with less, and where no bundle hides them.
func byRule(m *model.Model, j model.Judged) []trust.Signer {
	all := j.Verdict.KeySigners()
	older := func(s trust.Signer) bool { return s.Format == trust.Legacy }
	if !lax(m) || slices.ContainsFunc(all, func(s trust.Signer) bool { return !older(s) }) {
		return slices.DeleteFunc(all, older)
	}
	return all
}
