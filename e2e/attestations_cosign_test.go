package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// question is what is asked about a model, in the words of modelfn's platform and
// of cosign's flags.
type question struct {
	predicateType, word string
	// scored: the result has to be good enough.
	scored bool
	// authority is whose word counts, under a certificate or not.
	authority map[string]any
	flags     []string
	certified bool
}

// disputed is evidence that modelfn and both cosigns judge. Of each, "" says that
// it accepts; another text that it refuses, and says that.
type disputed struct {
	reason                    string
	question                  question
	evidence                  making
	modelfn, cosign2, cosign3 string
}

// TestAttestationsBeforeCosign puts the same attestations before modelfn and
// `cosign verify-attestation`. Where they differ, docs/trust.md says why.
func TestAttestationsBeforeCosign(t *testing.T) {
	const (
		none     = "there is no attestation of type "
		noMatch  = "none of the attestations matched the predicate type: "
		notHers  = "another key made it, or it was changed since"
		notTheir = "accepted signatures do not match threshold"
		elseDgst = "provided artifact digest does not match any digest in statement"
		noEntry  = "not enough verified log entries from transparency log"
		misfits  = "entry payload hash"
		notLogd  = "transparency log signature does not match"
		worse2   = "1 validation errors occurred"
	)
	w := newJudges(t)
	good, bad := testsign.Scored(0.95), testsign.Scored(0.87)
	scan := testsign.Says{PredicateType: buildType}
	scored := w.byKey
	scored.scored = true
	slsa1, slsa02, vuln := w.byKey, w.byKey, w.byKey
	slsa1.predicateType, slsa1.word = buildType, "slsaprovenance1"
	slsa02.predicateType, slsa02.word = "https://slsa.dev/provenance/v0.2", "slsaprovenance"
	vuln.predicateType, vuln.word = scanType, "vuln"
	workflow, key, logged := sigstore.Keyless(train), evaluator, sigstore.Keyed(evaluator)
	elsewhere := testsign.NewSigstore("elsewhere")
	late, unlogged, otherLog := workflow, workflow, elsewhere.Keyless(train)
	late.At, unlogged.WithoutLog, otherLog.CertifiedBy = late.Issued.AddDate(0, 0, 1), true, sigstore
	evil, fork, issued := train, train, train
	evil.Subject, fork.SourceRepository, issued.Issuer = "https://evil.example/?"+train.Subject, "https://github.com/mallory/models", "https://issuer.example"
	misfit := logged
	misfit.LogAs = []byte("another payload")

	for name, test := range map[string]disputed{
		// Both accept.
		"bundle":                  {"as cosign v3 attests", w.byKey, of(key.Attest, good), "", "", ""},
		"legacy":                  {"as cosign v2 attests", w.byKey, of(key.LegacyAttest, good), "", "", ""},
		"older statement":         {"cosign's own statement is in-toto v0.1", w.byKey, of(key.Attest, typed(good, "https://in-toto.io/Statement/v0.1")), "", "", ""},
		"two subjects":            {"about this digest and another", w.byKey, wrapped(bundled, aboutTwo), "", "", ""},
		"two subjects, legacy":    {"in the older format", w.byKey, wrapped(enveloped, aboutTwo), "", "", ""},
		"cosign's word":           {"slsaprovenance1 is SLSA v1", slsa1, of(key.Attest, scan), "", "", ""},
		"stranger beside":         {"a stranger's does no harm", w.byKey, both(of(key.Attest, good), of(outsider.Attest, good)), "", "", ""},
		"stranger beside, legacy": {"in the older format", w.byKey, both(of(key.LegacyAttest, good), of(outsider.LegacyAttest, good)), "", "", ""},
		"garbage beside, legacy":  {"no envelope at all does no harm", w.byKey, both(of(key.LegacyAttest, good), garbage), "", "", ""},
		"good enough":             {"a rule, which cosign has in CUE", scored, of(key.Attest, good), "", "", ""},
		"logged key":              {"a key whose attestations are logged", w.byLogged, of(logged.Attest, good), "", "", ""},
		"logged key, legacy":      {"in the older format", w.byLogged, of(logged.LegacyAttest, good), "", "", ""},
		"workflow":                {"under a certificate", w.byWorkflow, of(workflow.Attest, good), "", "", ""},
		"workflow, legacy":        {"in the older format", w.byWorkflow, of(workflow.LegacyAttest, good), "", "", ""},

		// Both refuse.
		"stranger":                          {"another key", w.byKey, of(outsider.Attest, good), notHers, notTheir, notTheir},
		"stranger, legacy":                  {"in the older format", w.byKey, of(outsider.LegacyAttest, good), notHers, notTheir, notTheir},
		"another digest":                    {"a good result of another model", w.byKey, ofOther(key.Attest, good), elseDgst, elseDgst, elseDgst},
		"another digest, legacy":            {"in the older format", w.byKey, ofOther(key.LegacyAttest, good), elseDgst, "no matching subject digest found", "no matching subject digest found"},
		"another type":                      {"a scan is no evaluation", w.byKey, of(key.Attest, scan), none, noMatch, noMatch},
		"another type, legacy":              {"in the older format", w.byKey, of(key.LegacyAttest, scan), none, noMatch, noMatch},
		"longer type":                       {"a type that begins with the one asked for", w.byKey, of(key.Attest, testsign.Says{PredicateType: evaluationType + "/draft"}), none, noMatch, noMatch},
		"signature":                         {"a signature bundle is no attestation", w.byKey, of(key.Attest, testsign.Says{}), none, noMatch, noMatch},
		"cosign's older word":               {"slsaprovenance is SLSA v0.2", slsa02, of(key.Attest, scan), none, noMatch, noMatch},
		"a word as type":                    {"cosign's word is no type by itself", slsa1, of(key.Attest, testsign.Says{PredicateType: "slsaprovenance1"}), none, noMatch, noMatch},
		"two signatures":                    {"which of them counts, one cannot say", w.byKey, signedTwice(bundled), "exactly one signature is required", "exactly one signature is required", "exactly one signature is required"},
		"payload type":                      {"signed as something else", w.byKey, signedAs(bundled, "text/plain", "text/plain"), "unsupported DSSE payload type", "unsupported media type", "unsupported media type"},
		"payload type, legacy":              {"in the older format", w.byKey, signedAs(enveloped, "text/plain", "text/plain"), "unsupported DSSE payload type", "invalid payloadType text/plain", "invalid payloadType text/plain"},
		"relabelled":                        {"signed as a text, said to be a statement", w.byKey, signedAs(bundled, "text/plain", testsign.InToto), notHers, notTheir, notTheir},
		"relabelled, legacy":                {"in the older format", w.byKey, signedAs(enveloped, "text/plain", testsign.InToto), notHers, notTheir, notTheir},
		"type twice":                        {"what parsers read differently", w.byKey, wrapped(bundled, typedTwice), "decoding json", "decoding json", "decoding json"},
		"not good enough":                   {"a worse result", scored, of(key.Attest, bad), "predicate.metrics.auc is 0.87", worse2, worse2},
		"certificate for a key":             {"a key was asked for", w.byKey, of(workflow.Attest, good), "under a certificate, not with a key", "expected key signature, not certificate", "expected key signature, not certificate"},
		"unlogged key":                      {"no log knows it", w.byLogged, of(key.Attest, good), noEntry, noEntry, noEntry},
		"unlogged key, legacy":              {"in the older format", w.byLogged, of(key.LegacyAttest, good), "no log knows the signature", "offline verification failed", "offline verification failed"},
		"another's entry, legacy":           {"the log knows another attestation", w.byLogged, entryOf(logged.LegacyAttest, good, bad), notLogd, "matching bundle to payload", "matching bundle to payload"},
		"foreign log":                       {"a log that nobody trusts", w.byLogged, of(elsewhere.Keyed(key).Attest, good), noEntry, noEntry, noEntry},
		"foreign log, legacy":               {"in the older format", w.byLogged, of(elsewhere.Keyed(key).LegacyAttest, good), noEntry, "rekor log public key not found", "rekor log public key not found"},
		"key for a certificate":             {"a certificate was asked for", w.byWorkflow, of(key.Attest, good), "under no certificate", noEntry, noEntry},
		"workflow, expired":                 {"logged a day after the certificate ended", w.byWorkflow, of(late.Attest, good), "integrated time outside certificate validity", "integrated time outside certificate validity", "integrated time outside certificate validity"},
		"workflow, expired, legacy":         {"in the older format", w.byWorkflow, of(late.LegacyAttest, good), "integrated time outside certificate validity", "certificate expired before", "certificate expired before"},
		"workflow, foreign log":             {"a log that nobody trusts", w.byWorkflow, of(otherLog.Attest, good), noEntry, noEntry, noEntry},
		"workflow, unlogged":                {"no log knows it", w.byWorkflow, of(unlogged.Attest, good), noEntry, noEntry, noEntry},
		"workflow, unlogged, legacy":        {"in the older format", w.byWorkflow, of(unlogged.LegacyAttest, good), "no log knows the signature", "offline verification failed", "offline verification failed"},
		"workflow, another issuer":          {"the same subject by another issuer", w.byWorkflow, of(sigstore.Keyless(issued).Attest, good), "certified by issuer", "expected issuer value", "expected issuer value"},
		"workflow, another's entry":         {"the log knows another attestation", w.byWorkflow, entryOf(workflow.Attest, good, bad), notLogd, notLogd, notLogd},
		"another's entry":                   {"the log knows another attestation", w.byLogged, entryOf(logged.Attest, good, bad), notLogd, notLogd, notLogd},
		"workflow, foreign log, legacy":     {"in the older format", w.byWorkflow, of(otherLog.LegacyAttest, good), noEntry, "rekor log public key not found", "rekor log public key not found"},
		"workflow, another's entry, legacy": {"in the older format", w.byWorkflow, entryOf(workflow.LegacyAttest, good, bad), notLogd, "matching bundle to payload", "matching bundle to payload"},

		// They differ.
		"number, legacy":            {"a number where the log's answer has a text", w.byWorkflow, numbered(workflow.LegacyAttest, good), "cannot unmarshal number", "panic: interface conversion", "bundle payload body is not a string"},
		"unknown statement":         {"nobody knows what its fields mean", w.byKey, of(key.Attest, typed(good, "https://in-toto.io/Statement/v9")), `a statement of type "https://in-toto.io/Statement/v9" is not supported`, "", ""},
		"unknown statement, legacy": {"in the older format", w.byKey, of(key.LegacyAttest, typed(good, "https://in-toto.io/Statement/v9")), `a statement of type "https://in-toto.io/Statement/v9" is not supported`, "", ""},
		"no statement type":         {"it does not say what it is", w.byKey, wrapped(bundled, untyped), `a statement of type "" is not supported`, "", ""},
		"no statement type, legacy": {"in the older format", w.byKey, wrapped(enveloped, untyped), `a statement of type "" is not supported`, "", ""},
		"two signatures, legacy":    {"bundles must have one, and so must what is read as one", w.byKey, signedTwice(enveloped), "exactly one signature is required", "", ""},
		"type twice, legacy":        {"what parsers read differently", w.byKey, wrapped(enveloped, typedTwice), "decoding json", "", "could not parse predicate"},
		"misfitting entry":          {"the entry's hash of the envelope fits, that of the payload does not", w.byLogged, of(misfit.Attest, good), misfits, "", misfits},
		"misfitting entry, legacy":  {"in the older format", w.byLogged, of(misfit.LegacyAttest, good), misfits, "", ""},
		"workflow, inside":          {"an expression matches the whole subject", w.byWorkflow, of(sigstore.Keyless(evil).Attest, good), "does not match", "", ""},
		"workflow, inside, legacy":  {"in the older format", w.byWorkflow, of(sigstore.Keyless(evil).LegacyAttest, good), "does not match", "", ""},
		"workflow, fork":            {"whoever calls the workflow gets its subject", w.byWorkflow, of(sigstore.Keyless(fork).Attest, good), `signed for the repository "https://github.com/mallory/models"`, "", ""},
		"one of two":                {"one that satisfies is enough", scored, both(of(key.Attest, good), of(key.Attest, bad)), "", worse2, worse2},
		"one of two, legacy":        {"in the older format", scored, both(of(key.LegacyAttest, good), of(key.LegacyAttest, bad)), "", worse2, worse2},
		"legacy beside a bundle":    {"both formats count", w.byKey, both(of(key.LegacyAttest, good), of(key.Attest, scan)), "", noMatch, noMatch},
		"a word's form":             {"what a predicate must hold, rules say", vuln, of(key.Attest, testsign.Says{PredicateType: scanType, Predicate: `{"scanner":"none"}`}), "", "unmarshaling CosignVulnStatement", "unmarshaling CosignVulnStatement"},
	} {
		t.Run(name, func(t *testing.T) { w.judge(t, name, test) })
	}
}

// Who attests in keys, and who has no say.
var evaluator, outsider = testsign.ECDSA("evaluator"), testsign.ECDSA("outsider")

// making makes evidence about a digest, or about another one.
type making = func(about, other artifact.Digest) []artifact.Evidence

// says attests.
type says = func(artifact.Digest, testsign.Says) artifact.Evidence

func of(attest says, s testsign.Says) making {
	return func(about, _ artifact.Digest) []artifact.Evidence { return []artifact.Evidence{attest(about, s)} }
}

func ofOther(attest says, s testsign.Says) making {
	return func(_, other artifact.Digest) []artifact.Evidence { return []artifact.Evidence{attest(other, s)} }
}

func both(a, b making) making {
	return func(about, other artifact.Digest) []artifact.Evidence {
		return append(a(about, other), b(about, other)...)
	}
}

// entryOf is an attestation with the log's entry of another one by the same signer.
func entryOf(attest says, s, logged testsign.Says) making {
	return func(about, _ artifact.Digest) []artifact.Evidence {
		e, other := attest(about, s), attest(about, logged)
		into, from := fields(e.Data), fields(other.Data)
		if e.IsBundle() {
			into["verificationMaterial"] = from["verificationMaterial"]
		} else {
			into["annotations"] = from["annotations"]
		}
		e.Data = document(into)
		return []artifact.Evidence{e}
	}
}

// numbered is an attestation whose log entry has a number for its body.
func numbered(attest says, s testsign.Says) making {
	return func(about, _ artifact.Digest) []artifact.Evidence {
		return []artifact.Evidence{numericBody(attest(about, s))}
	}
}

// envelope makes evidence of an envelope with any signatures.
type envelope = func(payloadType string, payload []byte, signatures ...[]byte) artifact.Evidence

func bundled(payloadType string, payload []byte, signatures ...[]byte) artifact.Evidence {
	return testsign.Envelope("", payloadType, payload, signatures...)
}

func enveloped(payloadType string, payload []byte, signatures ...[]byte) artifact.Evidence {
	b := fields(bundled(payloadType, payload, signatures...).Data)
	return testsign.LegacyEnvelope(document(b["dsseEnvelope"]), nil)
}

func wrapped(in envelope, payload func(about, other artifact.Digest) string) making {
	return func(about, other artifact.Digest) []artifact.Evidence {
		p := []byte(payload(about, other))
		return []artifact.Evidence{in(testsign.InToto, p, evaluator.SignEnvelope(testsign.InToto, p))}
	}
}

// signedAs is signed under one type and stored under another.
func signedAs(in envelope, signed, stored string) making {
	return func(about, _ artifact.Digest) []artifact.Evidence {
		p := testsign.Scored(0.95).About(about)
		return []artifact.Evidence{in(stored, p, evaluator.SignEnvelope(signed, p))}
	}
}

// signedTwice is signed by a stranger too.
func signedTwice(in envelope) making {
	return func(about, _ artifact.Digest) []artifact.Evidence {
		p := testsign.Scored(0.95).About(about)
		return []artifact.Evidence{in(testsign.InToto, p, outsider.SignEnvelope(testsign.InToto, p), evaluator.SignEnvelope(testsign.InToto, p))}
	}
}

func garbage(_, _ artifact.Digest) []artifact.Evidence {
	return []artifact.Evidence{testsign.LegacyEnvelope([]byte("hello"), nil)}
}

func typed(s testsign.Says, statement string) testsign.Says {
	s.Type = statement
	return s
}

func aboutTwo(about, other artifact.Digest) string {
	return statement(`"_type":"https://in-toto.io/Statement/v1",`, other, about)
}

func typedTwice(about, _ artifact.Digest) string {
	return statement(`"_type":"https://in-toto.io/Statement/v1","predicateType":"`+buildType+`",`, about)
}

func untyped(about, _ artifact.Digest) string { return statement("", about) }

func statement(head string, subjects ...artifact.Digest) string {
	var list []string
	for _, s := range subjects {
		list = append(list, `{"name":"","digest":{"sha256":"`+s.Hex()+`"}}`)
	}
	return `{` + head + `"subject":[` + strings.Join(list, ",") + `],"predicateType":"` + evaluationType + `","predicate":{"metrics":{"auc":0.95}}}`
}

// fields and document take JSON apart that was made here, and put it together.
func fields(raw []byte) map[string]any {
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}

func document(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return raw
}
