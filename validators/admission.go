package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// Gaps warns of what a render would refuse of a trusted model, and of what a
// cluster has to have for it: it is better known when the model is locked.
func Gaps(m *model.Model) finding.List {
	out := append(admission(m), Needs(m)...)
	for i := range out {
		out[i].Severity = finding.Warning
	}
	return out
}

// admission: what render accepts, the admission engine must be able to enforce,
// or the policy would be weaker than the platform's. That is refused, unless the
// platform wants to be warned only. What would stop the model is always refused.
func admission(m *model.Model) finding.List {
	var gaps finding.List
	switch policy := m.Platform.Spec.Policy; {
	case policy.Engine == v1alpha1.EngineKyvernoClusterPolicy:
		gaps = classicGaps(m)
	case policy.Engine == v1alpha1.EngineVAP || policy.Engine == v1alpha1.EngineGatekeeper:
		gaps = signatureGaps(m)
	case policy.Engine == v1alpha1.EngineKyverno && policy.Scope == v1alpha1.ScopePlatform:
		gaps = ruleGaps(m)
	case policy.Engine == v1alpha1.EngineKyverno:
		gaps = kyvernoGaps(m)
	}
	for i := range gaps {
		if m.Platform.Spec.Policy.OnGap == v1alpha1.OnGapWarn {
			gaps[i].Severity = finding.Warning
			gaps[i].Message += "; the platform lets it through (policy.onGap: Warn)"
		} else {
			gaps[i].Fix += ", or set spec.policy.onGap of the platform to Warn, and the policy demands what is left"
		}
	}
	return append(gaps, stuck(m)...)
}

// anew is how to mend what has to be signed otherwise: evidence that satisfies the
// rules is not fetched again by itself.
func anew(m *model.Model, fix string) string {
	return fix + ", then run `modelfn lock --update=" + m.Deployment.Metadata.Name + "`"
}

// kyvernoGaps are what the policy for Kyverno cannot demand.
func kyvernoGaps(m *model.Model) finding.List {
	var out finding.List
	check := func(j model.Judged, field string) {
		if j.Verdict.Unsigned() {
			return
		}
		out = append(out, attestations(m, field, j.Verdict)...)
		// Who signs besides as many as are needed must not be in their way.
		signers := j.Verdict.KeySigners()
		if len(signers) < j.Verdict.Rule().Threshold {
			out = append(out, beyond(m, field, j.Verdict)...)
			return
		}
		if j.Verdict.Rule().Threshold < 2 {
			return
		}
		for _, s := range signers[1:] {
			if s.Format != signers[0].Format {
				out = append(out, refuse(m, "policy-gap", field,
					fmt.Sprintf("Kyverno cannot count %d signers across formats: %s signed as %s, %s as %s",
						j.Verdict.Rule().Threshold, signers[0].Authority.Name, signers[0].Format, s.Authority.Name, s.Format),
					"let all authorities sign in one format (cosign v3's bundle)"))
				return
			}
		}
	}
	eachTrusted(m, check)
	return out
}

// eachTrusted goes over what may be loaded or run, with its field.
func eachTrusted(m *model.Model, check func(j model.Judged, field string)) {
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
}

// clusterWide are the policies that engines want of a model and that are in no
// namespace.
var clusterWide = map[string]string{
	v1alpha1.EngineVAP:        "ValidatingAdmissionPolicy",
	v1alpha1.EngineGatekeeper: "constraint of Gatekeeper's",
}

// stuck are what an engine could not let in at all.
func stuck(m *model.Model) finding.List {
	var out finding.List
	engine := m.Platform.Spec.Policy.Engine
	if m.Platform.Spec.Policy.Scope == v1alpha1.ScopePlatform {
		return stuckByRule(m)
	}
	for _, i := range m.Images() {
		if engine == v1alpha1.EngineKyverno && i.Trusted() &&
			slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return v.Artifact.Identity() == i.Artifact.Identity() }) {
			out = append(out, refuse(m, "policy-gap", i.Field+".image",
				fmt.Sprintf("%s is the model too, and Kyverno hangs on an image that it finds twice", i.Artifact.Identity()),
				"use another image beside the model"))
		}
	}
	if policy := clusterWide[engine]; policy != "" && m.Deployment.Metadata.Namespace == "" {
		out = append(out, refuse(m, "policy-namespace", "metadata.namespace",
			"a "+policy+" is for the whole cluster, and has to name the namespace of what it guards",
			"state it, in the ModelDeployment or by `namespace:` of the kustomization that `build` renders"))
	}
	return out
}

// beyond names the signers whom the engine cannot check, and without whom there
// are too few.
func beyond(m *model.Model, field string, v trust.Verdict) finding.List {
	var out finding.List
	for _, s := range v.Signers() {
		if s.Authority.Logged() {
			out = append(out, logged(m, field, s.Authority))
		}
		if s.Format == trust.ModelSigning {
			out = append(out, filesOnly(m, field, s.Authority))
		}
		if s.Hash == trust.Ed25519ph {
			out = append(out, prehashed(m, field, s.Authority))
		}
		if s.Format == trust.Legacy && v.Rule().Attested() {
			out = append(out, besides(m, field, s.Authority))
		}
	}
	return out
}

// logged: what needs a log or a certificate authority is not handed to Kyverno
// yet, and a policy that leaves them out would be weaker than the platform's.
func logged(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("the policy for Kyverno cannot demand yet that %s %s", a.Name, loggedHow(a)),
		anew(m, "let a key without tlog: Required sign"))
}

// loggedHow is what Kyverno would have to see of it.
func loggedHow(a trust.Authority) string {
	if a.Certified() {
		return "signed under a certificate"
	}
	return "logged what it signed"
}

// filesOnly: admission sees a digest, and no engine compares files with it.
func filesOnly(m *model.Model, field string, a trust.Authority) finding.Finding {
	return refuse(m, "policy-gap", field,
		fmt.Sprintf("Kyverno cannot check the model signature (OpenSSF Model Signing) by which %s signed: it is about files, not about the digest", a.Name),
		anew(m, fmt.Sprintf("let %s sign the artifact with cosign, too", a.Name)))
}
