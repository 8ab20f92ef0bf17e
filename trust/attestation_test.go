package trust_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const evaluation = testsign.Evaluation

var scanner = testsign.ECDSA("scanner")

// attesting is a rule that wants a signature by release, and an attestation of a
// type by somebody, with CEL rules over it.
func attesting(by v1alpha1.Authority, predicateType string, rules ...string) v1alpha1.TrustRule {
	by.AttestationsOnly = true
	r := rule(1, authority("release", release), by)
	r.Attestations = []v1alpha1.AttestationRule{{PredicateType: predicateType, Authorities: []string{by.Name}, Rules: rules}}
	return r
}

// attested writes a verdict's attestations as type by authority/format.
func attested(v trust.Verdict) string {
	var out []string
	for _, a := range v.Attestations() {
		if a.Holds {
			out = append(out, a.PredicateType+" by "+a.Signer.Authority.Name+"/"+string(a.Signer.Format))
		}
	}
	return strings.Join(out, ", ")
}

// TestAttestationsAccepted holds the ways in which a required attestation counts.
func TestAttestationsAccepted(t *testing.T) {
	good := testsign.Scored(0.95)
	older := good
	older.Type = "https://in-toto.io/Statement/v0.1"
	scored := attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92")
	keyless := attesting(certified("train", train), evaluation, "predicate.metrics.auc >= 0.92")
	certificates := attesting(stampedOnly(corporate("lab", releaser, issuing)), evaluation)
	loggedScan := attesting(loggedKey("scanner", scanner), evaluation)
	either := attesting(authority("scanner", scanner), evaluation)
	either.Authorities = append(either.Authorities, authority("ci", ci))
	either.Attestations[0].Authorities = []string{"scanner", "ci"}
	releaser := rule(1, authority("release", release))
	releaser.Attestations = []v1alpha1.AttestationRule{{PredicateType: slsa, Authorities: []string{"release"}}}
	two := attesting(authority("scanner", scanner), evaluation)
	two.Attestations = append(two.Attestations, v1alpha1.AttestationRule{PredicateType: slsa, Authorities: []string{"release"}})
	wrapped := attesting(authority("scanner", scanner), "https://cosign.sigstore.dev/attestation/v1", "json.unmarshal(predicate.Data).auc > 0.9")

	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     string
	}{
		"bundle":             {"cosign v3 attests so", scored, list(scanner.Attest(kit.Digest(), good)), evaluation + " by scanner/bundle"},
		"older statement":    {"cosign's own statement is in-toto v0.1", scored, list(scanner.Attest(kit.Digest(), older)), evaluation + " by scanner/bundle"},
		"legacy":             {"cosign v1 and v2 attest so", scored, list(scanner.LegacyAttest(kit.Digest(), older)), evaluation + " by scanner/legacy"},
		"keyless":            {"under a certificate", keyless, list(logged.Attest(kit.Digest(), good)), evaluation + " by train/bundle"},
		"keyless, legacy":    {"under a certificate, in either format", keyless, list(logged.LegacyAttest(kit.Digest(), good)), evaluation + " by train/legacy"},
		"logged key":         {"a key whose attestations must be logged", loggedScan, list(local.Keyed(scanner).Attest(kit.Digest(), good)), evaluation + " by scanner/bundle"},
		"logged key, legacy": {"in either format", loggedScan, list(local.Keyed(scanner).LegacyAttest(kit.Digest(), good)), evaluation + " by scanner/legacy"},
		"company":            {"under a company's certificate, with a timestamp", certificates, list(stamped.Attest(kit.Digest(), good)), evaluation + " by lab/bundle"},
		"company, legacy":    {"the same in the older format", certificates, list(stamped.LegacyAttest(kit.Digest(), good)), evaluation + " by lab/legacy"},
		"one of two":         {"either authority will do", either, list(ci.Attest(kit.Digest(), good)), evaluation + " by ci/bundle"},
		"the releaser":       {"who releases may attest too", releaser, list(release.Attest(kit.Digest(), testsign.Says{PredicateType: slsa})), slsa + " by release/bundle"},
		"two types":          {"each has its own authorities", two, list(scanner.Attest(kit.Digest(), good), release.Attest(kit.Digest(), testsign.Says{PredicateType: slsa})), evaluation + " by scanner/bundle, " + slsa + " by release/bundle"},
		"worse ones beside":  {"one that satisfies is enough", scored, list(scanner.Attest(kit.Digest(), testsign.Scored(0.2)), scanner.Attest(kit.Digest(), good), mallory.Attest(kit.Digest(), good)), evaluation + " by scanner/bundle"},
		"whole number":       {"1 is a number as 0.92 is", scored, list(scanner.Attest(kit.Digest(), testsign.Scored(1))), evaluation + " by scanner/bundle"},
		"wrapped by cosign":  {"cosign attest --type custom stores a text", wrapped, list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: "https://cosign.sigstore.dev/attestation/v1", Predicate: `{"Data":"{\"auc\":0.93}","Timestamp":""}`})), "https://cosign.sigstore.dev/attestation/v1 by scanner/bundle"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			evidence := append(test.evidence, release.Bundle(kit.Digest()))
			v := compile(t, test.rule).Verify(a, evidence)
			if !v.Trusted(a) {
				t.Fatalf("%s: refused: %s", test.reason, v.Reason())
			}
			if diff := cmp.Diff(test.want, attested(v)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
			if want := strings.Count(test.want, " by ") + 1; len(v.Counted()) != want {
				t.Errorf("%d pieces of evidence are kept, want %d: the signature and each attestation once", len(v.Counted()), want)
			}
		})
	}
}

// TestOnePieceForTwoRequirements: a lock keeps a piece of evidence once, however
// much it proves.
func TestOnePieceForTwoRequirements(t *testing.T) {
	r := attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92")
	r.Attestations = append(r.Attestations, v1alpha1.AttestationRule{PredicateType: evaluation, Authorities: []string{"scanner"}, Rules: []string{`predicate.dataset == "holdout"`}})
	a := pin(t, repository, kit)
	v := compile(t, r).Verify(a, list(scanner.Attest(kit.Digest(), testsign.Scored(0.95)), release.Bundle(kit.Digest())))
	if !v.Trusted(a) {
		t.Fatal(v.Reason())
	}
	if diff := cmp.Diff([]int{0, 1}, v.Counted()); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// TestAttestationsRefused holds the ways in which one does not count, each for its
// own reason. The model itself is signed as it should be.
func TestAttestationsRefused(t *testing.T) {
	good, bad := testsign.Scored(0.95), testsign.Scored(0.87)
	scored := attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92")
	plain := attesting(authority("scanner", scanner), evaluation)
	with := func(rules ...string) v1alpha1.TrustRule {
		return attesting(authority("scanner", scanner), evaluation, rules...)
	}
	keyless := attesting(certified("train", train), evaluation)
	window := loggedKey("scanner", scanner)
	window.NotAfter = notBefore
	revoked := authority("scanner", scanner)
	revoked.Revoked = []string{string(kit.Digest())}
	notListed := attesting(authority("scanner", scanner), evaluation)
	notListed.Authorities = append(notListed.Authorities, authority("ci", ci))
	genuine := scanner.Attest(kit.Digest(), good)
	signature := scanner.SignEnvelope(testsign.InToto, good.About(kit.Digest()))
	tampered := testsign.Envelope("", testsign.InToto, bad.About(kit.Digest()), signature)
	fork := train
	fork.SourceRepository = "https://github.com/mallory/models"
	withPayload := func(payload string) artifact.Evidence {
		return testsign.Envelope("", testsign.InToto, []byte(payload), scanner.SignEnvelope(testsign.InToto, []byte(payload)))
	}
	// Sets count by both sizes, and equal ones take no time.
	const costly = `!sets.contains(predicate.l, predicate.l)`
	weak := func(n int) (out []artifact.Evidence) {
		for i := range n {
			out = append(out, scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: fmt.Sprintf(`{"n":%d,"l":%s}`, i, times(450, "1"))}))
		}
		return out
	}
	twice := with(costly)
	twice.Attestations = append(twice.Attestations, twice.Attestations[0])
	subject := `"subject":[{"digest":{"sha256":"` + kit.Digest().Hex() + `"}}]`

	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     []string // parts of the verdict's reason
	}{
		"none":                    {"a signature is no evaluation", plain, nil, []string{"there is no attestation of type " + evaluation + " by scanner"}},
		"stranger":                {"somebody else's evaluation", plain, list(mallory.Attest(kit.Digest(), good)), []string{"by scanner counts: no authority verifies it"}},
		"stranger, legacy":        {"somebody else's, in the older format", plain, list(mallory.LegacyAttest(kit.Digest(), good)), []string{"by scanner counts: no authority verifies it"}},
		"not listed":              {"an authority of the rule that is not listed for this", notListed, list(ci.Attest(kit.Digest(), good)), []string{"by scanner counts: ci made it, who is not listed for it"}},
		"the releaser":            {"who releases does not evaluate", plain, list(release.Attest(kit.Digest(), good)), []string{"by scanner counts: release made it, who is not listed for it"}},
		"another digest":          {"a good result of another model", plain, list(scanner.Attest(other.Digest(), good)), []string{"provided artifact digest does not match any digest in statement"}},
		"another digest, legacy":  {"the same in the older format", plain, list(scanner.LegacyAttest(other.Digest(), good)), []string{"provided artifact digest does not match any digest in statement"}},
		"another type":            {"a scan is no evaluation (CVE-2022-35930, CVE-2026-39395)", plain, list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: slsa})), []string{"there is no attestation of type " + evaluation + " by scanner, only of other types: " + slsa}},
		"a longer type":           {"a type that begins with it", plain, list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation + "/draft"})), []string{"there is no attestation of type " + evaluation}},
		"a signature's type":      {"a signature by the right key", plain, list(scanner.Bundle(kit.Digest())), []string{"there is no attestation of type " + evaluation}},
		"unknown statement":       {"a statement of a version that nobody knows", plain, list(scanner.Attest(kit.Digest(), testsign.Says{Type: "https://in-toto.io/Statement/v9", PredicateType: evaluation})), []string{`a statement of type "https://in-toto.io/Statement/v9" is not supported`}},
		"no statement type":       {"a payload that does not say what it is", plain, list(withPayload(`{` + subject + `,"predicateType":"` + evaluation + `","predicate":{}}`)), []string{`a statement of type "" is not supported`}},
		"no subject":              {"about nothing", plain, list(withPayload(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"` + evaluation + `","predicate":{}}`)), []string{"no authority verifies it"}},
		"a type twice":            {"what one parser reads and another does not", plain, list(withPayload(`{"_type":"https://in-toto.io/Statement/v1",` + subject + `,"predicateType":"` + slsa + `","predicateType":"` + evaluation + `","predicate":{}}`)), []string{"no authority verifies it"}},
		"tampered":                {"a better result than was signed", plain, list(tampered), []string{"another key made it, or it was changed since"}},
		"tampered, legacy":        {"the same in the older format", plain, list(bundleWith(t, scanner.LegacyAttest(kit.Digest(), good), flipped, "data")), []string{"payload and descriptor differ"}},
		"two signatures":          {"an envelope with two signatures", plain, list(testsign.Envelope("", testsign.InToto, good.About(kit.Digest()), signature, signature)), []string{"exactly one signature is required"}},
		"other payload type":      {"a payload signed as something else", plain, list(testsign.Envelope("", "text/plain", good.About(kit.Digest()), scanner.SignEnvelope("text/plain", good.About(kit.Digest())))), []string{"no authority verifies it"}},
		"legacy, no envelope":     {"an .att layer that is none", plain, list(testsign.LegacyEnvelope([]byte("hello"), nil)), []string{"legacy evidence: envelope: invalid character"}},
		"legacy, more fields":     {"an envelope with what DSSE does not have", plain, list(testsign.LegacyEnvelope([]byte(`{"payload":"`+"e30="+`","payloadType":"application/vnd.in-toto+json","signatures":[],"extra":1}`), nil)), []string{"no attestation of type"}},
		"not logged":              {"a key whose attestations must be logged", attesting(loggedKey("scanner", scanner), evaluation), list(genuine), []string{"not enough verified log entries"}},
		"not logged, legacy":      {"the same in the older format", attesting(loggedKey("scanner", scanner), evaluation), list(scanner.LegacyAttest(kit.Digest(), good)), []string{"annotation dev.sigstore.cosign/bundle: there is none, so no log knows the signature"}},
		"foreign log, legacy":     {"an entry in a log that nobody trusts", attesting(loggedKey("scanner", scanner), evaluation), list(foreign.Keyed(scanner).LegacyAttest(kit.Digest(), good)), []string{"no authority verifies it"}},
		"another logged, legacy":  {"an entry about another payload", attesting(loggedKey("scanner", scanner), evaluation), list(keyedAs(scanner, []byte("else")).LegacyAttest(kit.Digest(), good)), []string{"no authority verifies it"}},
		"too late":                {"by a key that was given up before", attesting(window, evaluation), list(local.Keyed(scanner).Attest(kit.Digest(), good)), []string{"when it was no authority", "attested by scanner, 2025-03-01T12:01:00Z"}},
		"revoked":                 {"a digest that the authority does not vouch for any more", attesting(revoked, evaluation), list(genuine), []string{"scanner has revoked " + string(kit.Digest())}},
		"another repository's":    {"a fork that calls the workflow", keyless, list(local.Keyless(fork).Attest(kit.Digest(), good)), []string{`signed for the repository "https://github.com/mallory/models"`}},
		"key instead":             {"no certificate", keyless, list(scanner.Attest(kit.Digest(), good)), []string{"under no certificate"}},
		"no certificate, legacy":  {"no certificate beside the envelope", keyless, list(local.Keyed(scanner).LegacyAttest(kit.Digest(), good)), []string{"annotation dev.sigstore.cosign/certificate: there is none"}},
		"rule is false":           {"a worse result", scored, list(scanner.Attest(kit.Digest(), bad)), []string{`rule "predicate.metrics.auc >= 0.92" is false: predicate.metrics.auc is 0.87 (attested by scanner, in evidence ` + string(scanner.Attest(kit.Digest(), bad).Digest()) + ")"}},
		"rule, keyless origin":    {"whose words they are", attesting(certified("train", train), evaluation, "predicate.metrics.auc >= 0.92"), list(logged.Attest(kit.Digest(), bad)), []string{"predicate.metrics.auc is 0.87 (attested by train, " + workflow + ", 2025-03-01T12:01:00Z, in evidence sha256:"}},
		"one rule is false":       {"all rules must be true", with("predicate.metrics.auc >= 0.5", `predicate.dataset == "training"`), list(genuine), []string{`rule "predicate.dataset == \"training\"" is false: predicate.dataset is "holdout"`}},
		"value is missing":        {"what is not there is not good", with("predicate.metrics.f1 >= 0.5"), list(genuine), []string{"no such key: f1", "predicate.metrics has no f1"}},
		"value of another type":   {"a text is no number", with("predicate.dataset >= 0.5"), list(genuine), []string{"no such overload", `predicate.dataset is "holdout"`}},
		"not true or false":       {"a value is no decision", with("predicate.metrics.auc"), list(genuine), []string{`rule "predicate.metrics.auc" is 0.95, not true or false`}},
		"through a subscript":     {"the value is shown however it is named", with(`predicate["metrics"].auc > 1.0`), list(genuine), []string{"predicate.metrics.auc is 0.95"}},
		"with a default":          {"what is missing may have a default, which may be too small", with(`predicate.?metrics.?f1.orValue(0.0) > 0.5`), list(genuine), []string{"is false: predicate.metrics has no f1"}},
		"over a list":             {"the list is shown", with(`predicate.scans.all(s, s.ok)`), list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: `{"scans":[{"ok":true},{"ok":false}]}`})), []string{`predicate.scans is [{"ok":true},{"ok":false}]`}},
		"too costly":              {"an expression that has no end", with(`predicate.l.all(a, predicate.l.all(b, predicate.l.all(c, predicate.l.all(d, a == a))))`), list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: `{"l":[` + strings.Repeat("1,", 99) + `1]}`})), []string{"cost limit exceeded"}},
		"too costly together":     {"many that are costly", with(costly), weak(9), []string{"the rules about this artifact cost too much: at most 4000000 steps"}},
		"two too costly together": {"what one requirement spent is spent for the next", twice, weak(3), []string{"the rules about this artifact cost too much: at most 4000000 steps"}},
		"a long value":            {"a megabyte does not become a message", with(`predicate.text == ""`), list(scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: `{"text":"` + strings.Repeat("x", 5000) + `"}`})), []string{strings.Repeat("x", 90) + "..."}},
		"wrapped text is no JSON": {"what is wrapped must be JSON", with(`json.unmarshal(predicate.dataset).a == 1`), list(genuine), []string{"json.unmarshal: invalid character"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, test.rule).Verify(a, append(test.evidence, release.Bundle(kit.Digest())))
			if v.Trusted(a) || v.Attested() {
				t.Fatalf("%s: trusted", test.reason)
			}
			if !v.Signed() {
				t.Errorf("%s: the signature does not hold: %s", test.reason, v.Reason())
			}
			for _, want := range test.want {
				if !strings.Contains(v.Reason(), want) {
					t.Errorf("%s: reason %q, want %q in it", test.reason, v.Reason(), want)
				}
			}
			if strings.Contains(v.Reason(), "is no signature") {
				t.Errorf("%s: an attestation that was asked for is complained of: %s", test.reason, v.Reason())
			}
		})
	}
}

// TestStrangersHideNoReason: however much strangers attach, the refusal says why the
// authority's own attestation does not count.
func TestStrangersHideNoReason(t *testing.T) {
	evidence := list(release.Bundle(kit.Digest()), logged.Attest(kit.Digest(), testsign.Scored(0.5)))
	for _, ref := range []string{"a", "b", "c", "d", "e", "f"} {
		stranger := train
		stranger.Subject = "https://github.com/mallory/models/.github/workflows/train.yml@refs/heads/" + ref
		evidence = append(evidence, local.Keyless(stranger).Attest(kit.Digest(), testsign.Scored(1)))
	}
	a := pin(t, repository, kit)
	v := compile(t, attesting(certified("train", train), evaluation, "predicate.metrics.auc >= 0.92")).Verify(a, evidence)
	if v.Trusted(a) || !strings.Contains(v.Reason(), "predicate.metrics.auc is 0.5 (attested by train") || strings.Contains(v.Reason(), "mallory") {
		t.Errorf("trusted %t: %s", v.Trusted(a), v.Reason())
	}
}

// keyedAs logs another payload than it signs.
func keyedAs(key testsign.Key, logged []byte) testsign.Logged {
	l := local.Keyed(key)
	l.LogAs = logged
	return l
}

// TestAttestingReleasesNothing: who may attest only does not sign for a release,
// and what is missing is said of both halves.
func TestAttestingReleasesNothing(t *testing.T) {
	a := pin(t, repository, kit)
	r := attesting(authority("scanner", scanner), evaluation)
	v := compile(t, r).Verify(a, list(scanner.Bundle(kit.Digest()), scanner.Legacy(repository, kit.Digest()), scanner.Attest(kit.Digest(), testsign.Scored(1))))
	if v.Trusted(a) || v.Signed() || !v.Attested() || !strings.Contains(v.Reason(), "bundle: scanner may attest, and releases no model by its signature") {
		t.Errorf("signed %t, attested %t: %s", v.Signed(), v.Attested(), v.Reason())
	}
	v = compile(t, r).Verify(a, nil)
	if want := a.Identity() + " has no signature; and there is no attestation of type " + evaluation + " by scanner"; v.Reason() != want {
		t.Errorf("got %q, want %q", v.Reason(), want)
	}
}

// TestProvenanceAttested: what an attestation says of a deployment's provenance is
// handed on, and one that says nothing does not count.
func TestProvenanceAttested(t *testing.T) {
	a := pin(t, repository, kit)
	r := attesting(authority("scanner", scanner), evaluation)
	r.Attestations[0].Provenance = map[string]string{"dataset-hash": "predicate.dataset"}
	v := compile(t, r).Verify(a, list(release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), testsign.Scored(1))))
	if !v.Trusted(a) {
		t.Fatal(v.Reason())
	}
	if diff := cmp.Diff(map[string]string{"dataset-hash": "holdout"}, v.Attestations()[0].Provenance); diff != "" {
		t.Error(diff)
	}
	for predicate, want := range map[string]string{
		`{}`:            "provenance dataset-hash: \"predicate.dataset\": no such key: dataset",
		`{"dataset":7}`: `"predicate.dataset" is 7, not a text`,
	} {
		v := compile(t, r).Verify(a, list(release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: predicate})))
		if v.Trusted(a) || !strings.Contains(v.Reason(), want) {
			t.Errorf("%s: trusted %t: %s, want %q", predicate, v.Trusted(a), v.Reason(), want)
		}
	}
}

// TestAttestationThatAgreesIsPreferred: of several that satisfy, the one that says
// what the deployment says; and where none does, one counts all the same, for the
// contradiction to be reported.
func TestAttestationThatAgreesIsPreferred(t *testing.T) {
	a := pin(t, repository, kit)
	r := attesting(authority("scanner", scanner), evaluation)
	r.Attestations[0].Provenance = map[string]string{"dataset": "predicate.dataset"}
	evidence := list(release.Bundle(kit.Digest()))
	for _, dataset := range []string{"a", "bb", "ccc", "dddd"} {
		evidence = append(evidence, scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: `{"dataset":"` + dataset + `"}`}))
	}
	for stated, want := range map[string]string{"": "a", "a": "a", "ccc": "ccc", "dddd": "dddd", "e": "a"} {
		v := compile(t, r).For(trust.Use{Provenance: map[string]string{"dataset": stated}}).Verify(a, evidence)
		if got := v.Attestations()[0].Provenance["dataset"]; !v.Trusted(a) || got != want || len(v.Counted()) != 2 {
			t.Errorf("stated %q: trusted %t by the one that says %q, want %q: %s", stated, v.Trusted(a), got, want, v.Reason())
		}
	}
}

// TestOneAttestationRevoked: an authority can take back one attestation by the
// digest of its blob, and leave another.
func TestOneAttestationRevoked(t *testing.T) {
	a := pin(t, repository, kit)
	good, better := testsign.Scored(0.93), testsign.Scored(0.94)
	for name, e := range map[string]artifact.Evidence{"bundle": scanner.Attest(kit.Digest(), good), "legacy": scanner.LegacyAttest(kit.Digest(), good)} {
		by := authority("scanner", scanner)
		by.Revoked = []string{string(e.Blob())}
		policy := compile(t, attesting(by, evaluation))
		v := policy.Verify(a, list(e, release.Bundle(kit.Digest())))
		if v.Trusted(a) || !strings.Contains(v.Reason(), "scanner has revoked "+string(e.Blob())) {
			t.Errorf("%s: trusted %t: %s", name, v.Trusted(a), v.Reason())
		}
		if v = policy.Verify(a, list(e, release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), better))); !v.Trusted(a) {
			t.Errorf("%s, with another: %s", name, v.Reason())
		}
	}
}

// TestThresholdThatCannotBeReached is an error of the platform.
func TestThresholdThatCannotBeReached(t *testing.T) {
	for name, r := range map[string]v1alpha1.TrustRule{
		"one key":      rule(2, authority("release", release), authority("again", release)),
		"one identity": rule(2, certified("train", train), certified("again", train)),
	} {
		_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{r}})
		if want := "spec.trust[0].threshold: the authorities that may release are 1 signers at most"; len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%s: %v, want %q", name, errs, want)
		}
	}
}

// TestCompileAttestations: an expression that cannot be right is an error of the
// platform, with its place.
func TestCompileAttestations(t *testing.T) {
	for expression, want := range map[string]string{
		"predicate.metrics.auc >":     `spec.trust[0].attestations[0].rules[0]: "predicate.metrics.auc >": at 1:24: Syntax error`,
		"predicates.metrics.auc > 1":  "undeclared reference to 'predicates'",
		"'yes'":                       `"'yes'" is a string, not a bool`,
		"predicate.a == now()":        "undeclared reference to 'now'",
		"predicate.a.matches('(')":    "",
		"predicate.a == timestamp(1)": "",
	} {
		r := attesting(authority("scanner", scanner), evaluation, expression)
		_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{r}})
		switch {
		case want == "" && len(errs) > 0:
			t.Errorf("%s: %v", expression, errs)
		case want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), want)):
			t.Errorf("%s: got %v, want %q", expression, errs, want)
		}
	}
	r := attesting(authority("scanner", scanner), evaluation)
	r.Attestations[0].Authorities = []string{"nobody"}
	if _, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{r}}); len(errs) != 1 || !strings.Contains(errs[0].Error(), `"nobody" is no authority of the rule`) {
		t.Errorf("got %v", errs)
	}
}
