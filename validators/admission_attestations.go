package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// attestations: each one that let the artifact in, and each expression over it, is
// one that Kyverno can ask for.
func attestations(m *model.Model, field string, v trust.Verdict) finding.List {
	var out finding.List
	for _, a := range v.Attestations() {
		what := fmt.Sprintf("the attestation of type %s by %s", a.PredicateType, a.Signer.Authority.Name)
		if !a.Enforceable() {
			message, fix := unenforceable(m, a.Signer)
			out = append(out, refuse(m, "policy-gap", field, fmt.Sprintf("the policy for Kyverno cannot demand %s, %s", what, message), fix))
			continue
		}
		for _, c := range a.Conditions {
			if c.Stays == nil {
				continue
			}
			name := "rule"
			if c.Key != "" {
				name = "provenance " + c.Key
			}
			out = append(out, refuse(m, "policy-gap", field,
				fmt.Sprintf("Kyverno would not judge %s %q of %s as we do: %v", name, c.Expression, what, c.Stays),
				"write the expression otherwise"))
		}
	}
	return out
}

// unenforceable says why Kyverno cannot check an attestation, and what it could.
func unenforceable(m *model.Model, s trust.Signer) (message, fix string) {
	switch {
	case s.Authority.Logged():
		return "who " + loggedHow(s.Authority), anew(m, "let a key without tlog: Required attest")
	case s.Hash == trust.Ed25519ph:
		return "whose key is Ed25519, with which cosign signs as Kyverno does not verify", anew(m, "let an ECDSA or RSA key attest")
	}
	return "made in the older format (.att), which Kyverno 1.19 never verifies without a log", anew(m, "attest as a bundle (cosign v3, or v2 with --new-bundle-format)")
}

// prehashed: Kyverno tries Ed25519 only without a hash of its own.
func prehashed(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("the key of %s is Ed25519, with which cosign signs as Kyverno does not verify", a.Name),
		anew(m, fmt.Sprintf("let %s sign with an ECDSA or RSA key", a.Name)))
}

// besides: where a bundle is attached Kyverno looks at bundles only.
func besides(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("Kyverno does not find the older signature (.sig) of %s beside an attestation, which is a bundle", a.Name),
		anew(m, fmt.Sprintf("let %s sign with cosign v3, whose signatures are bundles", a.Name)))
}
