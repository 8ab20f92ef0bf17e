package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// otherEngine is the way out where only the older kinds of policy are in the way.
const otherEngine = "or set spec.policy.engine of the platform to Kyverno (1.16 or newer)"

// classicGaps are what Kyverno's older policies cannot demand.
func classicGaps(m *model.Model) finding.List {
	var out finding.List
	check := func(j model.Judged, field string) {
		if j.Verdict.Unsigned() {
			return
		}
		for _, a := range j.Verdict.Attestations() {
			out = append(out, classicAttestation(m, field, a))
		}
		if len(j.Verdict.LegacySigners()) >= j.Verdict.Rule().Threshold {
			return
		}
		for _, s := range j.Verdict.Signers() {
			switch {
			case s.Authority.Logged():
				out = append(out, logged(m, field, s.Authority))
			case s.Format == trust.ModelSigning:
				out = append(out, filesOnly(m, field, s.Authority))
			case s.Hash == trust.Ed25519ph:
				out = append(out, prehashed(m, field, s.Authority))
			case s.Format == trust.Bundle:
				out = append(out, bundled(m, field, s.Authority))
			}
		}
	}
	for _, v := range m.Loaded() {
		if v.Trusted() {
			check(v.Judged, v.Field+".model")
		}
	}
	for _, i := range m.Images() {
		if i.Trusted() {
			check(i.Judged, i.Field+".image")
		}
	}
	return out
}

// bundled: those versions that have no other kinds of policy find no key that would
// verify a bundle; later ones look for bundles where registries do not show them.
func bundled(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("Kyverno's older policies do not verify the signature of %s, which is a bundle", a.Name),
		fmt.Sprintf("let %s sign with cosign v2, or v3 with --new-bundle-format=false, %s", a.Name, otherEngine))
}

// classicAttestation: what is attested stands in bundles, too, and its rules are no
// expressions that those policies have.
func classicAttestation(m *model.Model, field string, a trust.Attestation) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("Kyverno's older policies cannot demand the attestation of type %s by %s", a.PredicateType, a.Signer.Authority.Name),
		"take it out of the rule, "+otherEngine)
}
