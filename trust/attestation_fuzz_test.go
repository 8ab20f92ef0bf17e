package trust_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// FuzzDSSE is about an envelope and the annotations beside it: nothing counts as
// an attestation but the payload that the authority signed.
func FuzzDSSE(f *testing.F) {
	good := testsign.Scored(0.95)
	for _, e := range list(
		scanner.LegacyAttest(kit.Digest(), good), scanner.LegacyAttest(other.Digest(), good), mallory.LegacyAttest(kit.Digest(), good),
		logged.LegacyAttest(kit.Digest(), good), foreign.Keyless(train).LegacyAttest(kit.Digest(), good),
		testsign.LegacyEnvelope([]byte(`{"payload":"","payloadType":"","signatures":[{}]}`), nil),
		testsign.LegacyEnvelope([]byte(`{"signatures":[{"sig":"AA=="},{"sig":"AA=="}]}`), map[string]string{"dev.sigstore.cosign/bundle": "{}"}),
	) {
		l, err := e.Legacy()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(l.Payload, l.Annotations["dev.sigstore.cosign/certificate"], l.Annotations["dev.sigstore.cosign/bundle"])
	}
	a := pin(f, repository, kit)
	key := compile(f, attesting(authority("scanner", scanner), evaluation))
	identity := compile(f, attesting(certified("train", train), evaluation))
	f.Fuzz(func(t *testing.T, envelope []byte, certificate, entry string) {
		e := testsign.LegacyEnvelope(envelope, map[string]string{
			"dev.sigstore.cosign/certificate": certificate, "dev.sigstore.cosign/bundle": entry,
		})
		if !key.Verify(a, list(e)).Attested() && !identity.Verify(a, list(e)).Attested() {
			return
		}
		var got struct {
			Payload []byte `json:"payload"`
		}
		if err := json.Unmarshal(envelope, &got); err != nil || !bytes.Equal(got.Payload, good.About(kit.Digest())) {
			t.Errorf("attested: %q", envelope)
		}
	})
}

// FuzzStatement signs any text as a statement: what counts is a statement about
// this digest, of the type that is asked for, and rules over it never panic.
func FuzzStatement(f *testing.F) {
	for _, s := range []testsign.Says{
		testsign.Scored(0.95), testsign.Scored(0.1), {PredicateType: slsa}, {Type: "x", PredicateType: evaluation},
		{PredicateType: evaluation, Predicate: `{"metrics":[1,{"auc":1e400}]}`}, {PredicateType: evaluation, Predicate: "null"},
	} {
		f.Add(s.About(kit.Digest()))
	}
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"x"}},null],"predicateType":1}`))
	a := pin(f, repository, kit)
	policy := compile(f, attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92 || predicate.?list.orValue([]).exists(i, i.ok)"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e := testsign.Envelope("", testsign.InToto, payload, scanner.SignEnvelope(testsign.InToto, payload))
		if !policy.Verify(a, list(e)).Attested() {
			return
		}
		var got struct {
			PredicateType string `json:"predicateType"`
			Subject       []struct {
				Digest map[string]string `json:"digest"`
			} `json:"subject"`
		}
		if err := json.Unmarshal(payload, &got); err != nil || got.PredicateType != evaluation {
			t.Fatalf("attested: %q, %v", payload, err)
		}
		for _, s := range got.Subject {
			if s.Digest["sha256"] == kit.Digest().Hex() {
				return
			}
		}
		t.Errorf("attested, about something else: %q", payload)
	})
}

// FuzzExpression compiles any text as a rule, and evaluates what compiles: an
// unsealed platform comes with a pull request.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"predicate.metrics.auc >= 0.92", `predicate["a"].?b.orValue(1) == 2`, "predicate.l.all(x, x.ok)", "[1,2].map(x, x*x).exists(y, y == predicate.n)",
		"json.unmarshal('{}').a", "cel.bind(x, 1, x)", "predicate.a.b.c.d.e.matches('(a+)+$')", "has(predicate.x) ? predicate.x : {}", "((((((1))))))", "\x00",
	} {
		f.Add(text)
	}
	a := pin(f, repository, kit)
	evidence := list(scanner.Attest(kit.Digest(), testsign.Scored(0.95)))
	f.Fuzz(func(t *testing.T, text string) {
		r := attesting(authority("scanner", scanner), evaluation, text)
		policy, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{r}})
		if len(errs) > 0 {
			return
		}
		if v := policy.Verify(a, append(evidence, artifact.Evidence{})); !v.Attested() && v.Attestations()[0].Reason == "" {
			t.Errorf("%q refuses without a reason", text)
		}
	})
}
