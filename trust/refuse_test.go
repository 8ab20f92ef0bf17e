package trust_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const slsa = "https://slsa.dev/provenance/v1"

// TestVerifyRefuses holds the ways in which evidence proves nothing; each must
// be refused for its own reason, not by chance.
func TestVerifyRefuses(t *testing.T) {
	payload := testsign.Payload(repository, kit.Digest())
	signature := base64.StdEncoding.EncodeToString(release.Sign(payload))
	statement := testsign.Statement(kit.Digest(), testsign.SignPredicate)
	envelope := release.SignEnvelope(testsign.InToto, statement)
	genuine := release.Bundle(kit.Digest())

	curve, strange := testsign.P384("release", crypto.SHA384), testsign.P384("mallory", crypto.SHA384)
	refusedFor(t, "a stranger's signature on the longer curve", rule(1, authority("release", curve)),
		list(strange.Bundle(kit.Digest()), strange.Legacy(repository, kit.Digest())), "made by no authority of spec.trust[0]")

	for name, test := range map[string]struct {
		reason   string
		evidence []artifact.Evidence
		want     string // part of the verdict's reason
	}{
		"nothing":              {"an unsigned model", nil, "has no signature"},
		"legacy, wrong key":    {"a stranger's signature", list(mallory.Legacy(repository, kit.Digest())), "made by no authority of spec.trust[0]"},
		"bundle, wrong key":    {"a stranger's signature", list(mallory.Bundle(kit.Digest())), "another key made it, or it was changed since"},
		"legacy, tampered":     {"a payload that was not signed", list(testsign.LegacyWith(testsign.Payload(repository, other.Digest()), signature)), "made by no authority"},
		"legacy, digest":       {"a signature of another model", list(release.Legacy(repository, other.Digest())), "about another digest, " + string(other.Digest())},
		"legacy, repository":   {"a signature copied from another repository, which cosign takes", list(release.Legacy("registry.example.com/models/toy", kit.Digest())), `about another repository, "registry.example.com/models/toy"`},
		"legacy, host":         {"the same path on another host", list(release.Legacy("evil.example.com/models/fraud", kit.Digest())), "about another repository"},
		"legacy, no name":      {"a payload that names no repository", list(release.Legacy("", kit.Digest())), "about another repository"},
		"legacy, type":         {"something else signed with the key", list(release.LegacyOf([]byte(strings.ReplaceAll(string(payload), "cosign container image signature", "atomic container signature")))), `payload of type "atomic container signature"`},
		"legacy, no type":      {"a payload without a type", list(release.LegacyOf([]byte("{}"))), `payload of type ""`},
		"legacy, no JSON":      {"a signature over any text", list(release.LegacyOf([]byte("hello"))), "legacy signature: payload: invalid character"},
		"legacy, two values":   {"what one parser reads and another does not", list(release.LegacyOf(append(payload, payload...))), "legacy signature: payload: invalid character"},
		"legacy, no base64":    {"an annotation that is no signature", list(testsign.LegacyWith(payload, "!")), "is no canonical base64"},
		"legacy, empty":        {"an annotation without a signature", list(testsign.LegacyWith(payload, "")), "is no canonical base64"},
		"legacy, loose bits":   {"base64 with stray bits: another text for the same bytes", list(testsign.LegacyWith(payload, loosen(signature))), "is no canonical base64"},
		"legacy, line break":   {"another text for the same bytes, which strict decoders still take", list(testsign.LegacyWith(payload, signature+"\n")), "is no canonical base64"},
		"legacy, garbage":      {"bytes that are no descriptor", list(artifact.Evidence{MediaType: artifact.TypeLegacy, Data: []byte("{")}), "unexpected end of JSON input"},
		"legacy, wrong size":   {"a descriptor that is not about its payload", list(resized(t, release.Legacy(repository, kit.Digest()))), "payload and descriptor differ"},
		"attestation":          {"an attestation by the right key is no release; cosign takes it for one", list(release.Attestation(kit.Digest(), slsa)), `an attestation of type "` + slsa + `" is no signature`},
		"bundle, digest":       {"a signature of another model (CVE-2023-33959: the wrong artifact is verified)", list(release.Bundle(other.Digest())), "provided artifact digest does not match any digest in statement"},
		"bundle, two":          {"an envelope with two signatures", list(testsign.Envelope("", testsign.InToto, statement, envelope, envelope)), "exactly one signature is required"},
		"bundle, none":         {"an envelope without a signature", list(testsign.Envelope("", testsign.InToto, statement)), "exactly one signature is required"},
		"bundle, other type":   {"a payload signed as something else", list(testsign.Envelope("", "text/plain", statement, release.SignEnvelope("text/plain", statement))), "payload type"},
		"bundle, swapped":      {"a payload signed as something else, declared as a statement", list(testsign.Envelope("", testsign.InToto, statement, release.SignEnvelope("text/plain", statement))), "another key made it, or it was changed since"},
		"bundle, unwrapped":    {"a signature over the payload without its type", list(testsign.Envelope("", testsign.InToto, statement, release.Sign(statement))), "another key made it, or it was changed since"},
		"bundle, no JSON":      {"a payload that is no statement (CVE-2026-39395)", list(testsign.Envelope("", testsign.InToto, []byte("x"), release.SignEnvelope(testsign.InToto, []byte("x")))), "statement"},
		"bundle, truncated":    {"half a bundle", list(artifact.Evidence{MediaType: testsign.TypeBundle, Data: genuine.Data[:len(genuine.Data)/2]}), "bundle: "},
		"bundle, garbage":      {"bytes that are no bundle", list(artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte("\x00\xff")}), "bundle: "},
		"bundle, null":         {"JSON that is no bundle", list(artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte("null")}), "bundle: "},
		"bundle, of a blob":    {"a signature over the manifest as a file says nothing about a model", list(blobBundle(kit.Manifest)), "it holds no in-toto statement"},
		"bundle, renamed":      {"bytes stored under another name than they carry", list(artifact.Evidence{MediaType: artifact.TypeBundle + ".v0.2+json", Data: genuine.Data}), `stored as "application/vnd.dev.sigstore.bundle.v0.2+json"`},
		"bundle as legacy":     {"one format under the other's name", list(artifact.Evidence{MediaType: artifact.TypeLegacy, Data: genuine.Data}), "payload and descriptor differ"},
		"legacy as bundle":     {"one format under the other's name", list(artifact.Evidence{MediaType: testsign.TypeBundle, Data: release.Legacy(repository, kit.Digest()).Data}), "bundle: "},
		"unknown type":         {"evidence of a kind we cannot read", list(artifact.Evidence{MediaType: "application/vnd.cncf.notary.signature", Data: []byte("{}")}), `evidence of type "application/vnd.cncf.notary.signature" is not supported`},
		"all wrong, explained": {"a refusal names every reason once", list(mallory.Legacy(repository, kit.Digest()), mallory.Legacy(repository+":a", kit.Digest()), release.Attestation(kit.Digest(), slsa)), "signed by 0 of 1 required authorities: bundle: an attestation"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, rule(1, authority("release", release))).Verify(a, test.evidence)
			if v.Trusted(a) {
				t.Fatalf("%s: trusted", test.reason)
			}
			if !strings.Contains(v.Reason(), test.want) {
				t.Errorf("%s: reason %q, want %q in it", test.reason, v.Reason(), test.want)
			}
		})
	}
}

// TestThresholdCountsSigners: a threshold is about parties, not about pieces of
// evidence nor about names.
func TestThresholdCountsSigners(t *testing.T) {
	once := []artifact.Evidence{release.Bundle(kit.Digest())}
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     string
	}{
		"one of two": {
			"one signer is missing", rule(2, authority("release", release), authority("ci", ci)), once,
			"is signed by 1 of 2 required authorities (release)",
		},
		"one key, two names": {
			"the same key under two names is one party", rule(2, authority("release", release), authority("again", release), authority("ci", ci)), once,
			"is signed by 1 of 2 required authorities",
		},
		"one key, two spellings": {
			"another spelling of the PEM is the same key",
			rule(2, authority("release", release), v1alpha1.Authority{Name: "again", Key: &v1alpha1.Key{PEM: respelled(release.PEM())}}, authority("ci", ci)), once,
			"is signed by 1 of 2 required authorities",
		},
		"one key, two formats": {
			"signing twice is still one party", rule(2, authority("release", release), authority("ci", ci)),
			append(once, release.Legacy(repository, kit.Digest())),
			"is signed by 1 of 2 required authorities",
		},
		"one key, two signatures": {
			"two different payloads by one key are one party", rule(2, authority("release", release), authority("ci", ci)),
			list(release.Legacy(repository, kit.Digest()), release.Legacy(repository+":v7", kit.Digest())),
			"is signed by 1 of 2 required authorities",
		},
		"attestation, first of two": {
			"who did not sign must not hide what the other did", rule(1, authority("release", release), authority("ci", ci)),
			list(release.Attestation(kit.Digest(), slsa)), `an attestation of type "` + slsa + `" is no signature`,
		},
		"attestation, second of two": {
			"in either order", rule(1, authority("ci", ci), authority("release", release)),
			list(release.Attestation(kit.Digest(), slsa)), `an attestation of type "` + slsa + `" is no signature`,
		},
		"undefaulted": {
			"a threshold that nobody set must not mean zero", rule(0, authority("release", release)),
			list(mallory.Bundle(kit.Digest())), "is signed by 0 of 1 required authorities",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, test.rule).Verify(a, test.evidence)
			if v.Trusted(a) {
				t.Fatalf("%s: trusted", test.reason)
			}
			if !strings.Contains(v.Reason(), test.want) {
				t.Errorf("%s: reason %q, want %q in it", test.reason, v.Reason(), test.want)
			}
		})
	}
}

// TestFirstRuleDecides: a later, laxer rule must not save what the first one
// refuses, and no rule at all is a refusal.
func TestFirstRuleDecides(t *testing.T) {
	strict := rule(1, authority("release", release))
	strict.Match = []string{"registry.example.com/models/**"}
	lax := rule(1, authority("mallory", mallory))
	a := pin(t, repository, kit)

	v := compile(t, strict, lax).Verify(a, list(mallory.Bundle(kit.Digest())))
	if v.Trusted(a) || v.Rule().Path != "spec.trust[0]" {
		t.Errorf("judged by %v, want a refusal by the first rule", v.Rule())
	}
	v = compile(t).Verify(a, list(release.Bundle(kit.Digest())))
	if want := "no trust rule of the platform matches " + repository; v.Trusted(a) || v.Reason() != want {
		t.Errorf("reason %q, want %q", v.Reason(), want)
	}
	both := rule(1, authority("release", release))
	both.UnsafeUnsigned = true
	v = compile(t, both).Verify(a, nil)
	if want := a.Identity() + " has no signature"; v.Trusted(a) || v.Unsigned() || v.Reason() != want {
		t.Errorf("a rule that nobody validated, with authorities and unsafeUnsigned: trusted %t: %q, want %q", v.Trusted(a), v.Reason(), want)
	}
	nobody := v1alpha1.TrustRule{Match: []string{"**"}, Threshold: 1}
	v = compile(t, nobody).Verify(a, list(release.Bundle(kit.Digest())))
	if want := "spec.trust[0] names nobody who may sign"; v.Trusted(a) || v.Reason() != want {
		t.Errorf("reason %q, want %q", v.Reason(), want)
	}
}

// TestReasonsAreBounded: a registry full of strangers' signatures must not fill
// a terminal.
func TestReasonsAreBounded(t *testing.T) {
	var evidence []artifact.Evidence
	for i := range 20 {
		evidence = append(evidence, artifact.Evidence{MediaType: fmt.Sprintf("text/x%02d", i), Data: []byte("x")})
	}
	v := compile(t, rule(1, authority("release", release))).Verify(pin(t, repository, kit), evidence)
	if got := strings.Count(v.Reason(), "is not supported"); got != 5 || !strings.HasSuffix(v.Reason(), "; ...") {
		t.Errorf("%d reasons in %q, want 5 and an ellipsis", got, v.Reason())
	}
}

func list(evidence ...artifact.Evidence) []artifact.Evidence { return evidence }

// loosen sets a bit that decoders ignore in the last character before the
// padding, so that another text decodes to the same bytes.
func loosen(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	body := strings.TrimRight(text, "=")
	if body == text {
		panic("no padding to hide bits in: choose another payload")
	}
	last := len(body) - 1
	return body[:last] + string(alphabet[strings.IndexByte(alphabet, body[last])|1]) + text[len(body):]
}

// resized claims another size of the payload.
func resized(t *testing.T, e artifact.Evidence) artifact.Evidence {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(e.Data, &d); err != nil {
		t.Fatal(err)
	}
	d["size"] = 1
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return artifact.Evidence{MediaType: e.MediaType, Data: raw}
}

// blobBundle is what cosign sign-blob makes of a file.
func blobBundle(content []byte) artifact.Evidence {
	return artifact.Evidence{MediaType: testsign.TypeBundle, Data: fmt.Appendf(nil,
		`{"mediaType":%q,"verificationMaterial":{"publicKey":{"hint":""}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":%q},"signature":%q}}`,
		testsign.TypeBundle, base64.StdEncoding.EncodeToString(hash(content)), base64.StdEncoding.EncodeToString(release.Sign(content)))}
}

func hash(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}

func respelled(pem string) string {
	return "  \n" + strings.ReplaceAll(pem, "\n", "\r\n")
}
