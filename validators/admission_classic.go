package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
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
		out = append(out, classicAttestations(m, field, j.Verdict)...)
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
	eachTrusted(m, check)
	return out
}

// bundled: the versions of Kyverno that have no other kinds of policy know no key by
// which to verify a bundle, and 1.19 finds it in some registries only.
func bundled(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("Kyverno's older policies do not verify the signature of %s, which is a bundle", a.Name),
		anew(m, fmt.Sprintf("let %s sign with cosign v2, or v3 with --new-bundle-format=false, and remove the bundle from the registry", a.Name))+", "+otherEngine)
}

// classicAttestations: each one that let the artifact in is one that those policies
// can ask for. They have no CEL for what it says.
func classicAttestations(m *model.Model, field string, v trust.Verdict) finding.List {
	var out finding.List
	for _, a := range v.Attestations() {
		what := fmt.Sprintf("the attestation of type %s by %s", a.PredicateType, a.Signer.Authority.Name)
		if !a.EnforceableLegacy() {
			message, fix := classicUnenforceable(m, a.Signer)
			out = append(out, refuse(m, "policy-gap", field, fmt.Sprintf("Kyverno's older policies cannot demand %s, %s", what, message), fix+", "+otherEngine))
			continue
		}
		if mark := passthrough.Expanded(a.PredicateType); mark != "" {
			out = append(out, refuse(m, "policy-gap", field, fmt.Sprintf("Kyverno would put a value into %s: its name holds %s", what, mark), "attest under another URI"))
		}
		for _, c := range a.Conditions {
			name := "rule"
			if c.Key != "" {
				name = "provenance " + c.Key
			}
			out = append(out, refuse(m, "policy-gap", field,
				fmt.Sprintf("Kyverno's older policies cannot judge %s %q of %s: they have no CEL for it", name, c.Expression, what),
				"upgrade Kyverno to 1.16 or newer, and set spec.policy.engine of the platform to Kyverno"))
		}
	}
	return out
}

// classicUnenforceable says why they cannot check an attestation, and what they could.
func classicUnenforceable(m *model.Model, s trust.Signer) (message, fix string) {
	if !s.Authority.Logged() && s.Format == trust.Bundle {
		return "which is a bundle", anew(m, "attest with cosign v2, or v3 with --new-bundle-format=false")
	}
	return unenforceable(m, s)
}
