package trust_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestKeylessRefuses holds the ways in which evidence under a certificate proves
// nothing; each must be refused for its own reason.
func TestKeylessRefuses(t *testing.T) {
	entry := []any{"verificationMaterial", "tlogEntries", 0}
	in := func(path ...any) []any { return append(entry[:3:3], path...) }
	bundle := logged.Bundle(kit.Digest())
	legacy := logged.Legacy(repository, kit.Digest())
	body := func(text string) func(any) any { return to(base64.StdEncoding.EncodeToString([]byte(text))) }
	stamped := signing(func(l *testsign.Logged) { l.Timestamped, l.WithoutPromise = true, true })
	stranger := func(change func(*testsign.Identity)) testsign.Logged {
		id := train
		change(&id)
		return local.Keyless(id)
	}
	for name, test := range map[string]struct {
		reason   string
		evidence artifact.Evidence
		want     string
	}{
		"issuer":                {"another issuer's user of that name", stranger(func(i *testsign.Identity) { i.Issuer += "/evil" }).Bundle(kit.Digest()), `certified by issuer "https://token.actions.githubusercontent.com/evil", not`},
		"subject":               {"another workflow", stranger(func(i *testsign.Identity) { i.Subject += "2" }).Bundle(kit.Digest()), `main2" is not "https://github.com/acme`},
		"subject, legacy":       {"in either format", stranger(func(i *testsign.Identity) { i.Subject += "2" }).Legacy(repository, kit.Digest()), `main2" is not "https://github.com/acme`},
		"caller":                {"a reusable workflow lends its name to whoever calls it", stranger(func(i *testsign.Identity) { i.SourceRepository = "https://github.com/mallory/x" }).Bundle(kit.Digest()), `signed for the repository "https://github.com/mallory/x", not "https://github.com/acme/models"`},
		"caller unsaid":         {"a certificate that names no repository", stranger(func(i *testsign.Identity) { i.SourceRepository = "" }).Bundle(kit.Digest()), `signed for the repository "", not`},
		"other Sigstore":        {"a certificate by an authority that nobody believes", foreign.Keyless(train).Bundle(kit.Digest()), "not enough verified log entries from transparency log: 0 < 1"},
		"own authority":         {"a certificate by nobody's authority, in the genuine log", signing(func(l *testsign.Logged) { l.CertifiedBy = foreign }).Bundle(kit.Digest()), "leaf certificate verification failed"},
		"own authority, legacy": {"in either format", signing(func(l *testsign.Logged) { l.CertifiedBy = foreign }).Legacy(repository, kit.Digest()), "leaf certificate verification failed"},
		"attestation":           {"an attestation is no release; cosign takes it for one", logged.Attestation(kit.Digest(), slsa), `an attestation of type "` + slsa + `" is no signature`},
		"digest":                {"a signature of another model", logged.Bundle(other.Digest()), "provided artifact digest does not match any digest in statement"},
		"blob":                  {"a signature over the manifest as a file says nothing about a model", logged.Blob(kit.Manifest), "it holds no in-toto statement"},
		"key":                   {"a key's bundle under no certificate", local.Keyed(release).Bundle(kit.Digest()), "signed with a key, under no certificate"},
		"no log":                {"a signature that nobody saw", signing(func(l *testsign.Logged) { l.WithoutLog = true }).Bundle(kit.Digest()), "not enough verified log entries from transparency log: 0 < 1"},
		"expired":               {"signed after the certificate's ten minutes", signing(func(l *testsign.Logged) { l.At = l.Issued.Add(11 * time.Minute) }).Bundle(kit.Digest()), "integrated time outside certificate validity"},
		"too early":             {"logged before the certificate began", signing(func(l *testsign.Logged) { l.At = l.Issued.Add(-time.Minute) }).Bundle(kit.Digest()), "integrated time outside certificate validity"},
		"stamped late": {"the timestamp authority's time counts as the log's does", bundleWith(t, signing(func(l *testsign.Logged) {
			l.Timestamped, l.WithoutPromise, l.At = true, true, l.Issued.Add(11*time.Minute)
		}).Bundle(kit.Digest()), to("0"), in("integratedTime")...), "leaf certificate verification failed"},
		"no time":           {"an entry in a log that promises no time, and no timestamp", signing(func(l *testsign.Logged) { l.WithoutPromise = true }).Bundle(kit.Digest()), "threshold not met for verified signed & log entry integrated timestamps: 0 < 1"},
		"no SCT":            {"a certificate that no transparency log saw", signing(func(l *testsign.Logged) { l.WithoutSCT = true }).Bundle(kit.Digest()), "only able to verify 0 SCT entries"},
		"promise":           {"a log's signature that does not hold", bundleWith(t, bundle, flipped, in("inclusionPromise", "signedEntryTimestamp")...), "not enough verified log entries from transparency log: 0 < 1"},
		"promised time":     {"another time than the log signed", bundleWith(t, bundle, to("1740830461"), in("integratedTime")...), "not enough verified log entries from transparency log: 0 < 1"},
		"index":             {"another place than the log signed", bundleWith(t, bundle, to("2"), in("logIndex")...), "not enough verified log entries from transparency log: 0 < 1"},
		"negative index":    {"no place in any log", bundleWith(t, bundle, to("-1"), in("logIndex")...), "nil value in transaction log entry"},
		"no proof":          {"a bundle of this version must show that the entry is in the log", signing(func(l *testsign.Logged) { l.WithoutProof = true }).Bundle(kit.Digest()), "inclusion proof missing in bundle"},
		"no promise":        {"a bundle of that version must show the log's promise", signing(func(l *testsign.Logged) { l.Version, l.WithoutPromise = "0.1", true }).Bundle(kit.Digest()), "inclusion promises missing in bundle"},
		"proof":             {"a path that does not lead to the root", bundleWith(t, bundle, flipped, in("inclusionProof", "hashes", 0)...), "calculated root"},
		"root":              {"a root that is not the checkpoint's", bundleWith(t, bundle, flipped, in("inclusionProof", "rootHash")...), "calculated root"},
		"checkpoint":        {"a checkpoint that the log did not sign", bundleWith(t, bundle, func(v any) any { return strings.Replace(v.(string), "\n2\n", "\n3\n", 1) }, in("inclusionProof", "checkpoint", "envelope")...), "signature on checkpoint did not verify"},
		"checkpoint, none":  {"a proof without the log's word on its root", bundleWith(t, bundle, to(""), in("inclusionProof", "checkpoint", "envelope")...), "inclusion proof checkpoint empty"},
		"entry twice":       {"one entry said twice", bundleWith(t, bundle, twice, "verificationMaterial", "tlogEntries"), "duplicate tlog entries found"},
		"entry of another":  {"a genuine entry about something else (CVE-2026-22703)", signing(func(l *testsign.Logged) { l.LogAs = testsign.Statement(other.Digest(), testsign.SignPredicate) }).Bundle(kit.Digest()), "does not match envelope payload hash"},
		"entry's signature": {"the entry of another signature by the same identity", bundleWith(t, bundle, func(any) any { return bundleEntry(t, logged.Attestation(kit.Digest(), slsa)) }, entry...), "transparency log signature does not match"},
		"entry's signer": {"the entry of the same signature under another certificate", bundleWith(t, bundle, func(any) any {
			return bundleEntry(t, signing(func(l *testsign.Logged) { id := alice; l.Identity = &id }).Bundle(kit.Digest()))
		}, entry...), "transparency log certificate does not match"},
		"body, number":     {"a body that crashes cosign v2", bundleWith(t, bundle, to(1), in("canonicalizedBody")...), "bundle: "},
		"body, no object":  {"JSON that is no entry", bundleWith(t, bundle, body("1"), in("canonicalizedBody")...), "not a recognizable Rekor"},
		"body, empty":      {"an entry without anything in it", bundleWith(t, bundle, body(`{"apiVersion":"0.0.1","kind":"dsse","spec":{}}`), in("canonicalizedBody")...), "bundle: "},
		"body, no signer":  {"an entry without a signature", bundleWith(t, bundle, body(`{"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":null,"payloadHash":null,"signatures":[]}}`), in("canonicalizedBody")...), "bundle: "},
		"body, other kind": {"an entry of a kind that proves no signature", bundleWith(t, bundle, body(`{"apiVersion":"0.0.1","kind":"rpm","spec":{}}`), in("canonicalizedBody")...), "not a recognizable Rekor"},
		"two signatures":   {"an envelope with two signatures", bundleWith(t, bundle, twice, "dsseEnvelope", "signatures"), "exactly one signature is required"},
		"payload type":     {"a payload under another type than was signed", bundleWith(t, bundle, to("text/plain"), "dsseEnvelope", "payloadType"), "another key made it, or it was changed since"},
		"signed as text":   {"a statement that was signed as a text", bundleWith(t, logged.Envelope("text/plain", testsign.Statement(kit.Digest(), testsign.SignPredicate)), to(testsign.InToto), "dsseEnvelope", "payloadType"), "another key made it, or it was changed since"},
		"signature":        {"a signature that does not hold", bundleWith(t, bundle, flipped, "dsseEnvelope", "signatures", 0, "sig"), "transparency log signature does not match"},
		"timestamp":        {"a timestamp that its authority did not sign", bundleWith(t, stamped.Bundle(kit.Digest()), flipped, "verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp"), "threshold not met for verified signed & log entry integrated timestamps: 0 < 1"},
		"timestamp, moved": {"a timestamp of another signature", bundleWith(t, stamped.Bundle(kit.Digest()), func(any) any {
			return material(t, stamped.Attestation(kit.Digest(), slsa))["timestampVerificationData"]
		}, "verificationMaterial", "timestampVerificationData"), "hashed messages don't match"},
		"timestamp, alien": {"a timestamp by an authority that nobody believes", bundleWith(t, stamped.Bundle(kit.Digest()), func(any) any {
			l := foreign.Keyless(train)
			l.Timestamped, l.WithoutPromise = true, true
			return material(t, l.Bundle(kit.Digest()))["timestampVerificationData"]
		}, "verificationMaterial", "timestampVerificationData"), "threshold not met for verified signed & log entry integrated timestamps: 0 < 1"},
		"certificate":   {"a certificate that was changed", bundleWith(t, bundle, flipped, "verificationMaterial", "certificate", "rawBytes"), "transparency log certificate does not match"},
		"root in chain": {"a bundle that brings the root by which to believe it", signing(func(l *testsign.Logged) { l.Version, l.WithChain = "0.2", true }).Bundle(kit.Digest()), "it holds a root certificate"},
		"root at once": {"without any certificate between", bundleWith(t, signing(func(l *testsign.Logged) { l.Version, l.WithChain = "0.2", true }).Bundle(kit.Digest()), func(v any) any {
			chain := v.([]any)
			return []any{chain[0], chain[2]}
		}, "verificationMaterial", "x509CertificateChain", "certificates"), "it holds a root certificate"},
		"chain, garbage": {"a chain of something else", bundleWith(t, signing(func(l *testsign.Logged) { l.Version, l.WithChain = "0.2", true }).Bundle(kit.Digest()), flipped, "verificationMaterial", "x509CertificateChain", "certificates", 2, "rawBytes"), "certificate chain: "},
		"chain, empty":   {"nobody's certificate", bundleWith(t, signing(func(l *testsign.Logged) { l.Version = "0.2" }).Bundle(kit.Digest()), to([]any{}), "verificationMaterial", "x509CertificateChain", "certificates"), "missing verification material"},
		"chain in 0.3": {"this version has one certificate", bundleWith(t, bundle, func(v any) any {
			return map[string]any{"x509CertificateChain": map[string]any{"certificates": []any{v.(map[string]any)["certificate"]}}, "tlogEntries": v.(map[string]any)["tlogEntries"]}
		}, "verificationMaterial"), "cannot be X.509 certificate chain"},
		"legacy, no log":           {"a signature that nobody saw", signing(func(l *testsign.Logged) { l.WithoutLog = true }).Legacy(repository, kit.Digest()), "so no log knows the signature"},
		"legacy, key":              {"a key's signature", local.Keyed(release).Legacy(repository, kit.Digest()), "annotation dev.sigstore.cosign/certificate: there is none"},
		"legacy, two certs":        {"more than one certificate", bundleWith(t, legacy, func(v any) any { return v.(string) + v.(string) }, "annotations", "dev.sigstore.cosign/certificate"), "want one PEM block CERTIFICATE"},
		"legacy, other block":      {"a certificate by another name", bundleWith(t, legacy, func(v any) any { return strings.ReplaceAll(v.(string), " CERTIFICATE", " TRUSTED CERTIFICATE") }, "annotations", "dev.sigstore.cosign/certificate"), "want one PEM block CERTIFICATE"},
		"legacy, digest":           {"a signature of another model", logged.Legacy(repository, other.Digest()), "about another digest, " + string(other.Digest())},
		"legacy, elsewhere":        {"a signature copied from another repository", logged.Legacy("registry.example.com/models/toy", kit.Digest()), `about another repository, "registry.example.com/models/toy"`},
		"legacy, payload":          {"a signed text that is no payload", logged.LegacyOf([]byte("hello")), "payload: invalid character"},
		"legacy, expired":          {"signed after the certificate's ten minutes", signing(func(l *testsign.Logged) { l.At = l.Issued.Add(11 * time.Minute) }).Legacy(repository, kit.Digest()), "integrated time outside certificate validity"},
		"legacy, promise":          {"a log's signature that does not hold", annotated(t, legacy, flipped, "SignedEntryTimestamp"), "not enough verified log entries from transparency log: 0 < 1"},
		"legacy, unpromised":       {"no signature by the log", annotated(t, legacy, to(""), "SignedEntryTimestamp"), "inclusion promises missing in bundle"},
		"legacy, entry":            {"a genuine entry about something else (CVE-2022-23649)", signing(func(l *testsign.Logged) { l.LogAs = testsign.Payload(repository, other.Digest()) }).Legacy(repository, kit.Digest()), "invalid signature when validating"},
		"legacy, entry of another": {"the entry of another signature by the same identity (CVE-2022-36056)", bundleWith(t, legacy, to(annotation(t, logged.Legacy(repository, other.Digest()))), "annotations", "dev.sigstore.cosign/bundle"), "transparency log signature does not match"},
		"legacy, number":           {"a body that crashes cosign v2", annotated(t, legacy, to(1), "Payload", "body"), "cannot unmarshal number"},
		"legacy, object":           {"a body that is no text", annotated(t, legacy, to(map[string]any{}), "Payload", "body"), "cannot unmarshal object"},
		"legacy, no body":          {"an entry without a body", annotated(t, legacy, to(nil), "Payload", "body"), "body: unexpected end of JSON input"},
		"legacy, log id":           {"a log without a name", annotated(t, legacy, to("x"), "Payload", "logID"), "logID: "},
		"legacy, no JSON":          {"an annotation that is no answer of a log", bundleWith(t, legacy, to("x"), "annotations", "dev.sigstore.cosign/bundle"), "annotation dev.sigstore.cosign/bundle: invalid character"},
		"legacy, SCT":              {"a certificate that no transparency log saw", signing(func(l *testsign.Logged) { l.WithoutSCT = true }).Legacy(repository, kit.Digest()), "only able to verify 0 SCT entries"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, rule(1, certified("ci", train)), list(test.evidence), test.want)
		})
	}
}

// TestAuthorityRefuses holds what an authority's own fields refuse.
func TestAuthorityRefuses(t *testing.T) {
	with := func(a v1alpha1.Authority, change func(*v1alpha1.Authority)) v1alpha1.TrustRule {
		change(&a)
		return rule(1, a)
	}
	evil := local.Keyless(testsign.Identity{Issuer: alice.Issuer, Subject: "https://evil.example/?" + alice.Subject})
	longer := local.Keyless(testsign.Identity{Issuer: alice.Issuer, Subject: alice.Subject + ".evil.example"})
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     string
	}{
		"revoked":                {"it does not vouch for the digest any more", with(certified("ci", train), func(a *v1alpha1.Authority) { a.Revoked = []string{string(kit.Digest())} }), list(logged.Bundle(kit.Digest())), "ci has revoked " + string(kit.Digest())},
		"revoked key":            {"for keys, too", with(authority("release", release), func(a *v1alpha1.Authority) { a.Revoked = []string{string(kit.Digest())} }), list(release.Bundle(kit.Digest()), release.Legacy(repository, kit.Digest())), "release has revoked " + string(kit.Digest())},
		"not any more":           {"signed after the authority's end", with(certified("ci", train), func(a *v1alpha1.Authority) { a.NotAfter = notBefore }), list(logged.Bundle(kit.Digest())), "ci signed at 2025-03-01T12:01:00Z, when it was no authority"},
		"not yet":                {"signed before the authority's beginning", with(certified("ci", train), func(a *v1alpha1.Authority) { a.NotBefore = notAfter }), list(logged.Legacy(repository, kit.Digest())), "ci signed at 2025-03-01T12:01:00Z, when it was no authority"},
		"key, not any more":      {"a stolen key's late signature", with(loggedKey("release", release), func(a *v1alpha1.Authority) { a.NotAfter = notBefore }), list(local.Keyed(release).Bundle(kit.Digest())), "release signed at 2025-03-01T12:01:00Z"},
		"key, stamped late":      {"by the timestamp authority's time", with(loggedKey("release", release), func(a *v1alpha1.Authority) { a.NotAfter = notBefore }), list(stampedKey().Bundle(kit.Digest())), "release signed at 2025-03-01T12:01:00Z"},
		"key, one time late":     {"the log saw it in time, the timestamp authority did not", with(loggedKey("release", release), func(a *v1alpha1.Authority) { a.NotAfter = notAfter }), list(twoTimes(t, 0, 2)), "release signed at 2025-03-03T12:00:00Z, when it was no authority"},
		"key, other time late":   {"the timestamp authority saw it in time, the log did not", with(loggedKey("release", release), func(a *v1alpha1.Authority) { a.NotAfter = notAfter }), list(twoTimes(t, 2, 0)), "release signed at 2025-03-03T12:00:00Z, when it was no authority"},
		"key, not logged":        {"a signature that nobody saw", rule(1, loggedKey("release", release)), list(release.Bundle(kit.Digest())), "not enough verified log entries from transparency log: 0 < 1"},
		"key, legacy unlogged":   {"in either format", rule(1, loggedKey("release", release)), list(release.Legacy(repository, kit.Digest())), "so no log knows the signature"},
		"key, other log":         {"a log that nobody believes", rule(1, loggedKey("release", release)), list(foreign.Keyed(release).Bundle(kit.Digest())), "not enough verified log entries"},
		"key, logged by another": {"an entry of another key", rule(1, loggedKey("release", release)), list(local.Keyed(mallory).Bundle(kit.Digest())), "transparency log certificate does not match"},
		"key for certificate":    {"a certificate of the key is not the key's own signature", rule(1, authority("release", release)), list(signing(func(l *testsign.Logged) { l.Key = release }).Bundle(kit.Digest())), "signed under a certificate, not with a key"},
		"log for public good":    {"without a trusted root the public-good instance is believed, and no other", with(certified("ci", train), func(a *v1alpha1.Authority) { a.TrustedRoot = "" }), list(logged.Bundle(kit.Digest())), "not enough verified log entries"},
		"expression, before":     {"what is found inside is not the whole, nor is the expression passed over (CVE-2025-29778)", rule(1, matching("staff", alice.Subject)), list(evil.Bundle(kit.Digest())), "does not match"},
		"expression, behind":     {"what is found inside is not the whole", rule(1, matching("staff", alice.Subject)), list(longer.Bundle(kit.Digest())), "does not match"},
		"expression, or":         {"alternatives are anchored on both sides", rule(1, matching("staff", "https://example.com/carol|"+alice.Subject)), list(evil.Bundle(kit.Digest())), "does not match"},
		"expression, lines":      {"no line within a subject is the whole", rule(1, matching("staff", "(?m)"+alice.Subject)), list(longer.Bundle(kit.Digest())), "does not match"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, test.rule, test.evidence, test.want)
		})
	}
}

// TestThresholdCountsParties: a threshold is about parties, however they sign.
func TestThresholdCountsParties(t *testing.T) {
	underRelease := signing(func(l *testsign.Logged) { l.Key = release })
	underReleaseToo := local.Keyless(alice)
	underReleaseToo.Key = release
	aliceAgain := local.Keyless(alice)
	aliceAgain.Key = testsign.ECDSA("another of alice's")
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
	}{
		"key and certificate":       {"the key under which a certificate was made is the same key", rule(2, authority("release", release), certified("ci", train)), list(underRelease.Legacy(repository, kit.Digest()))},
		"key and certificate apart": {"also in two pieces of evidence", rule(2, authority("release", release), certified("ci", train)), list(release.Bundle(kit.Digest()), underRelease.Bundle(kit.Digest()))},
		"two identities, one key":   {"one key under two names", rule(2, certified("ci", train), certified("alice", alice)), list(underRelease.Bundle(kit.Digest()), underReleaseToo.Bundle(kit.Digest()))},
		"a key, then an identity":   {"who is the same as two others makes these one", rule(2, authority("release", release), certified("alice", alice)), list(release.Bundle(kit.Digest()), aliceAgain.Bundle(kit.Digest()), padded(underReleaseToo.Bundle(kit.Digest())))},
		"identity twice":            {"one identity with a fresh key each time", rule(2, certified("alice", alice), matching("staff", ".*")), list(local.Keyless(alice).Bundle(kit.Digest()), aliceAgain.Bundle(kit.Digest()))},
		"identity in two formats":   {"signing twice is still one party", rule(2, certified("alice", alice), matching("staff", ".*")), list(local.Keyless(alice).Bundle(kit.Digest()), local.Keyless(alice).Legacy(repository, kit.Digest()))},
		"two for one authority":     {"two who satisfy one authority are one authority", rule(2, matching("staff", ".*"), authority("release", release)), list(local.Keyless(alice).Bundle(kit.Digest()), local.Keyless(bob).Bundle(kit.Digest()))},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, test.rule, test.evidence, "is signed by 1 of 2 required authorities")
		})
	}
}

func refusedFor(t *testing.T, reason string, rule v1alpha1.TrustRule, evidence []artifact.Evidence, want string) {
	t.Helper()
	a := pin(t, repository, kit)
	v := compile(t, rule).Verify(a, evidence)
	if v.Trusted(a) {
		t.Fatalf("%s: trusted", reason)
	}
	if !strings.Contains(v.Reason(), want) {
		t.Errorf("%s: reason %q, want %q in it", reason, v.Reason(), want)
	}
}

// twoTimes is signed with a key, logged so many days after Then, and timestamped
// so many.
func twoTimes(t *testing.T, logged, stamped int) artifact.Evidence {
	t.Helper()
	l := local.Keyed(release)
	l.At = testsign.Then.AddDate(0, 0, logged)
	s := l
	s.At, s.Timestamped = testsign.Then.AddDate(0, 0, stamped), true
	return bundleWith(t, s.Bundle(kit.Digest()), func(any) any { return []any{bundleEntry(t, l.Bundle(kit.Digest()))} }, "verificationMaterial", "tlogEntries")
}

// stampedKey signs with a key, and shows a timestamp instead of the log's time.
func stampedKey() testsign.Logged {
	l := local.Keyed(release)
	l.Timestamped, l.WithoutPromise = true, true
	return l
}
