package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// trusted: every pinned version has a verdict that admits this very digest.
func trusted(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Loaded() {
		if v.Err == nil && v.Artifact.Resolved() && !v.Trusted() {
			out = append(out, TrustFinding(m.Resource, *v, m.Platform))
		}
	}
	return out
}

// TrustFinding says why a version is refused.
func TrustFinding(at finding.Resource, v model.Version, p *model.Platform) finding.Finding {
	refused, _ := v.Refused()
	fix := signFix("model", refused.Verdict)
	if refused.Verdict.Signed() && !refused.Verdict.Attested() {
		fix = "have it attested by an authority that the rule names for it (cosign attest), unless that is done, then run `modelfn lock`, which fetches it; or use another model"
	}
	message := refused.Verdict.Reason()
	if refused.Artifact.Resolved() && refused.Artifact.Identity() != v.Artifact.Identity() {
		message = fmt.Sprintf("%s refers to another artifact: %s", v.Spec.Model, message)
	}
	if refused.Verdict.Rule() == nil {
		fix = "use a repository that a rule in spec.trust of the platform matches, or have one added"
	}
	return finding.Finding{
		Rule: "untrusted-model", Severity: finding.Error, Resource: at, Field: v.Field + ".model",
		Message: fmt.Sprintf("%s (platform %s)", message, p.Name), Fix: fix,
	}
}

// signFix says who should sign.
func signFix(what string, refused trust.Verdict) string {
	with := "with a key the platform trusts"
	if r := refused.Rule(); r != nil && slices.ContainsFunc(r.Authorities, trust.Authority.Certified) {
		with = "as one of the authorities of " + r.Path
	}
	return fmt.Sprintf("sign the %s %s, unless that is done, then run `modelfn lock`, which fetches it", what, with)
}
