package trust_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestKeylessAccepts holds what must be trusted under certificates and logs. All
// of it was signed long ago, under certificates of ten minutes: whoever looked
// at a clock would refuse it.
func TestKeylessAccepts(t *testing.T) {
	window := certified("ci", train)
	window.NotBefore, window.NotAfter = notBefore, notAfter
	otherRevoked := certified("ci", train)
	otherRevoked.Revoked = []string{string(other.Digest())}
	anyRepository := certified("ci", train)
	anyRepository.Keyless.SourceRepository = ""
	moment := certified("ci", train)
	moment.NotBefore = logged.At.Format(time.RFC3339)
	moment.NotAfter = moment.NotBefore
	logOnly := loggedKey("release", release)
	for _, field := range []string{"certificateAuthorities", "ctlogs", "timestampAuthorities"} {
		logOnly.TrustedRoot = string(edited(t, []byte(logOnly.TrustedRoot), to([]any{}), field))
	}
	namesake := testsign.Identity{Issuer: "https://accounts.example.org", Subject: alice.Subject}
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		signers  string
	}{
		"bundle":            {"cosign v3 signs so", rule(1, certified("ci", train)), list(logged.Bundle(kit.Digest())), "ci/bundle"},
		"bundle 0.2":        {"older clients write a chain", rule(1, certified("ci", train)), list(signing(func(l *testsign.Logged) { l.Version = "0.2" }).Bundle(kit.Digest())), "ci/bundle"},
		"bundle 0.1":        {"the oldest have the log's promise only", rule(1, certified("ci", train)), list(signing(func(l *testsign.Logged) { l.Version, l.WithoutProof = "0.1", true }).Bundle(kit.Digest())), "ci/bundle"},
		"intermediate":      {"a chain without its root, which nobody reads", rule(1, certified("ci", train)), list(bundleWith(t, signing(func(l *testsign.Logged) { l.Version, l.WithChain = "0.2", true }).Bundle(kit.Digest()), func(v any) any { return v.([]any)[:2] }, "verificationMaterial", "x509CertificateChain", "certificates")), "ci/bundle"},
		"legacy":            {"cosign v1 and v2 sign so", rule(1, certified("ci", train)), list(logged.Legacy(repository, kit.Digest())), "ci/legacy"},
		"timestamp":         {"a log that states no time, and an authority that does", rule(1, certified("ci", train)), list(signing(func(l *testsign.Logged) { l.Timestamped, l.WithoutPromise = true, true }).Bundle(kit.Digest())), "ci/bundle"},
		"both times":        {"log and authority agree", rule(1, certified("ci", train)), list(signing(func(l *testsign.Logged) { l.Timestamped = true }).Bundle(kit.Digest())), "ci/bundle"},
		"any repository":    {"without sourceRepository, whoever calls the workflow", rule(1, anyRepository), list(logged.Bundle(kit.Digest())), "ci/bundle"},
		"expression":        {"the whole subject matches", rule(1, matching("staff", "https://example.com/(alice|bob)")), list(local.Keyless(bob).Bundle(kit.Digest())), "staff/bundle"},
		"alternatives":      {"an expression's alternatives are anchored together", rule(1, matching("staff", "https://example.com/alice|https://example.com/bob")), list(local.Keyless(bob).Bundle(kit.Digest())), "staff/bundle"},
		"window":            {"the log's time is judged", rule(1, window), list(logged.Bundle(kit.Digest())), "ci/bundle"},
		"window, moment":    {"its ends are inside", rule(1, moment), list(logged.Bundle(kit.Digest())), "ci/bundle"},
		"window, legacy":    {"in either format", rule(1, window), list(logged.Legacy(repository, kit.Digest())), "ci/legacy"},
		"other revoked":     {"one digest revoked leaves the others", rule(1, otherRevoked), list(logged.Bundle(kit.Digest())), "ci/bundle"},
		"logged key":        {"a key's signature with its entry", rule(1, loggedKey("release", release)), list(local.Keyed(release).Bundle(kit.Digest())), "release/bundle"},
		"logged key legacy": {"in either format", rule(1, loggedKey("release", release)), list(local.Keyed(release).Legacy(repository, kit.Digest())), "release/legacy"},
		"log only":          {"for a key, a trusted root needs to name no certificate authority", rule(1, logOnly), list(local.Keyed(release).Bundle(kit.Digest())), "release/bundle"},
		"key, log ignored":  {"a key without tlog: Required does not ask the log", rule(1, authority("release", release)), list(foreign.Keyed(release).Bundle(kit.Digest())), "release/bundle"},
		"key and identity":  {"two parties of two kinds", rule(2, authority("release", release), certified("ci", train)), list(logged.Legacy(repository, kit.Digest()), release.Bundle(kit.Digest())), "release/bundle ci/legacy"},
		"two identities":    {"two parties", rule(2, certified("alice", alice), certified("bob", bob)), list(local.Keyless(bob).Bundle(kit.Digest()), local.Keyless(alice).Bundle(kit.Digest())), "alice/bundle bob/bundle"},
		"one name at two":   {"the same name at two issuers is two people", rule(2, certified("alice", alice), certified("namesake", namesake)), list(local.Keyless(alice).Bundle(kit.Digest()), local.Keyless(namesake).Bundle(kit.Digest())), "alice/bundle namesake/bundle"},
		"overlap, resolved": {"who may be either is the one that is missing", rule(2, matching("staff", "https://example.com/.*"), certified("alice", alice)), list(local.Keyless(alice).Bundle(kit.Digest()), padded(local.Keyless(bob).Bundle(kit.Digest()))), "staff/bundle alice/bundle"},
		"overlap, reversed": {"in whichever order they come", rule(2, matching("staff", "https://example.com/.*"), certified("alice", alice)), list(padded(local.Keyless(alice).Bundle(kit.Digest())), local.Keyless(bob).Bundle(kit.Digest())), "staff/bundle alice/bundle"},
		"chain not read":    {"whom to believe is in the trusted root, not in the chain annotation", rule(1, certified("ci", train)), list(bundleWith(t, logged.Legacy(repository, kit.Digest()), to("garbage"), "annotations", "dev.sigstore.cosign/chain")), "ci/legacy"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, test.rule).Verify(a, test.evidence)
			if !v.Trusted(a) {
				t.Fatalf("%s: refused: %s", test.reason, v.Reason())
			}
			if diff := cmp.Diff(test.signers, signers(v)); diff != "" {
				t.Errorf("%s: signers (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

// TestIdentityIsKeptOnce: an identity that signs again does so with another key,
// and says nothing new.
func TestIdentityIsKeptOnce(t *testing.T) {
	again := local.Keyless(alice)
	again.Key = testsign.ECDSA("another of alice's")
	a := pin(t, repository, kit)
	v := compile(t, rule(1, certified("alice", alice))).Verify(a, list(again.Bundle(kit.Digest()), local.Keyless(alice).Bundle(kit.Digest())))
	if !v.Trusted(a) || len(v.Counted()) != 1 {
		t.Errorf("trusted %t, kept %v, want one piece of evidence", v.Trusted(a), v.Counted())
	}
}
