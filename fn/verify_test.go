package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestVerify: each version gets the findings about itself, and what is wrong with
// the deployment is the stable version's.
func TestVerify(t *testing.T) {
	d := strings.Replace(deployment("v7", canary), "fraud:v8", "fraud:unsigned", 1)
	p, _ := fn.Read(nil, parse(t, list("", d, lockFor(t, d), platform("provenance: {required: [run]}"))).Items)
	got, findings := fn.Verify(t.Context(), p, fn.Config{})
	if len(findings) > 0 || len(got) != 2 {
		t.Fatalf("%d results, %v", len(got), findings)
	}
	stable, second := got[0], got[1]
	if stable.Role != "stable" || stable.Outcome != fn.Refused || len(stable.Findings) != 1 || stable.Findings[0].Rule != "missing-provenance" || strings.Join(stable.Authorities, ",") != "release" {
		t.Errorf("stable: %+v", stable)
	}
	if second.Role != "canary" || second.Outcome != fn.Refused || len(second.Findings) != 1 || second.Findings[0].Rule != "untrusted-model" || len(second.Authorities) > 0 {
		t.Errorf("canary: %+v", second)
	}
	if want := string(world()[v7].Digest()); stable.Digest != want || stable.Deployment != "ml-serving/fraud" {
		t.Errorf("%s at %s, want %s", stable.Deployment, stable.Digest, want)
	}
}

// TestVerifyUnknown: what a registry does not say is no refusal.
func TestVerifyUnknown(t *testing.T) {
	p, _ := fn.Read(nil, parse(t, list("", deployment("v7"), platform("resolution: Online"))).Items)
	got, _ := fn.Verify(t.Context(), p, online(&testsign.Source{Err: artifact.ErrUnavailable}))
	if len(got) != 1 || got[0].Outcome != fn.Unknown || got[0].Findings.ExitCode() != 3 {
		t.Errorf("%+v", got)
	}
}

// TestVerifyAttestations: each that is required is in the result, with who made it
// or why none counts.
func TestVerifyAttestations(t *testing.T) {
	p := strings.Replace(platform(), "    authorities:\n", "    attestations: [{predicateType: "+testsign.Evaluation+", authorities: [scanner], rules: [predicate.metrics.auc >= 0.92]}]\n    authorities:\n    - name: scanner\n      attestationsOnly: true\n      key:\n        pem: |\n"+indented(10, scanner.PEM()), 1) + indented(2, "policy: {engine: None}")
	for tag, want := range map[string]fn.Attested{
		"evaluated": {PredicateType: testsign.Evaluation, Authority: "scanner", Holds: true},
		"weak":      {PredicateType: testsign.Evaluation, Failed: true, Reason: "predicate.metrics.auc is 0.87 (attested by scanner, in evidence sha256:"},
		"v7":        {PredicateType: testsign.Evaluation, Reason: "there is no attestation of type " + testsign.Evaluation + " by scanner"},
	} {
		t.Run(tag, func(t *testing.T) {
			d := deployment(tag)
			in, _ := fn.Read(nil, parse(t, list("", d, lockFor(t, d), p)).Items)
			got, findings := fn.Verify(t.Context(), in, fn.Config{})
			if len(findings) > 0 || len(got) != 1 || len(got[0].Attestations) != 1 {
				t.Fatalf("%+v, %v, want one result with one attestation", got, findings)
			}
			a := got[0].Attestations[0]
			if !strings.Contains(a.Reason, want.Reason) || (a.Reason == "") != want.Holds {
				t.Errorf("reason %q, want %q", a.Reason, want.Reason)
			}
			if a.Reason = want.Reason; a != want {
				t.Errorf("%+v, want %+v", a, want)
			}
			if (got[0].Outcome == fn.Trusted) != want.Holds {
				t.Errorf("%s: %v", got[0].Outcome, got[0].Findings)
			}
		})
	}
}

// TestVerifySharesFindings: what is wrong with one container's image is said of
// that one.
func TestVerifySharesFindings(t *testing.T) {
	images := "predictor: {containers: [{name: a, image: " + guard + "}, {name: b, image: " + images0 + "guard:unsigned}]}"
	d := deployment("v7", images, canary+"\n  predictor: {containers: [{name: a, image: "+images0+"guard:unsigned}]}")
	p, _ := fn.Read(nil, parse(t, list("", d, lockFor(t, d), allowing())).Items)
	got, findings := fn.Verify(t.Context(), p, fn.Config{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	var lines []string
	for _, v := range got {
		line := v.Role + " " + string(v.Outcome)
		for _, f := range v.Findings {
			line += " " + f.Rule + " " + f.Field
		}
		lines = append(lines, line)
	}
	want := []string{
		"stable trusted", "canary trusted",
		"spec.predictor.containers[0] trusted",
		"spec.predictor.containers[1] refused untrusted-image spec.predictor.containers[1].image",
		"spec.canary.predictor.containers[0] refused untrusted-image spec.canary.predictor.containers[0].image",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestUnjudged: what could not be judged is refused, each version of it.
func TestUnjudged(t *testing.T) {
	p, _ := fn.Read(nil, parse(t, list("", deployment("v7", canary))).Items)
	want := []fn.Verified{
		{Deployment: "ml-serving/fraud", Role: "stable", URI: v7, Outcome: fn.Refused, Authorities: []string{}},
		{Deployment: "ml-serving/fraud", Role: "canary", URI: v8, Outcome: fn.Refused, Authorities: []string{}},
	}
	if diff := cmp.Diff(want, fn.Unjudged(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
