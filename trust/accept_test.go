package trust_test

import (
	"crypto"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestVerifyAccepts holds what must be trusted, by whom, and which evidence the
// lock has to keep.
func TestVerifyAccepts(t *testing.T) {
	ed, hashed := testsign.Ed25519("release"), testsign.Ed25519ph("release")
	rsa := testsign.RSA("release", 2048)
	p384, older := testsign.P384("release", crypto.SHA384), testsign.P384("release", crypto.SHA256)
	p521 := testsign.P521("release")
	mirrored := rule(1, authority("release", release))
	mirrored.RepositoryBinding = v1alpha1.RepositoryBindingIgnored
	elsewhere := rule(1, authority("mallory", mallory))
	elsewhere.Match = []string{"registry.example.com/other/**"}

	for name, test := range map[string]struct {
		reason   string
		rules    []v1alpha1.TrustRule
		evidence []artifact.Evidence
		signers  string
		counted  []int
	}{
		"legacy": {
			reason:   "cosign v1 and v2 sign so",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Legacy(repository, kit.Digest())},
			signers:  "release/legacy", counted: []int{0},
		},
		"bundle": {
			reason:   "cosign v3 signs so",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0},
		},
		"payload with the tag": {
			reason:   "the signed name may carry the tag that was signed",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Legacy(repository+":v7", kit.Digest())},
			signers:  "release/legacy", counted: []int{0},
		},
		"payload of another repository, ignored": {
			reason:   "a mirror keeps the signatures of the original",
			rules:    []v1alpha1.TrustRule{mirrored},
			evidence: []artifact.Evidence{release.Legacy("registry.example.com/models/other", kit.Digest())},
			signers:  "release/legacy", counted: []int{0},
		},
		"one bundle in other bytes": {
			reason: "whoever can push can attach a public bundle once more, padded: the smallest is kept",
			rules:  []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{
				{MediaType: testsign.TypeBundle, Data: append(release.Bundle(kit.Digest()).Data, "   "...)},
				release.Bundle(kit.Digest()),
			},
			signers: "release/bundle", counted: []int{1},
		},
		"both formats": {
			reason:   "one key in both formats is one signer, and the bundle is what an admission engine is to check",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Bundle(kit.Digest()), release.Legacy(repository, kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"both formats, legacy first": {
			reason:   "the order of evidence decides nothing",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Legacy(repository, kit.Digest()), release.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"two of two": {
			reason:   "distinct keys reach a threshold of two, named in the platform's order",
			rules:    []v1alpha1.TrustRule{rule(2, authority("release", release), authority("ci", ci))},
			evidence: []artifact.Evidence{ci.Bundle(kit.Digest()), release.Legacy(repository, kit.Digest())},
			signers:  "release/legacy ci/bundle", counted: []int{0, 1},
		},
		"strangers beside the signature": {
			reason: "anybody with push rights can attach something; only what proves something is kept",
			rules:  []v1alpha1.TrustRule{rule(1, authority("release", release))},
			evidence: []artifact.Evidence{
				mallory.Bundle(kit.Digest()), {MediaType: "text/plain", Data: []byte("x")},
				release.Bundle(kit.Digest()), mallory.Legacy(repository, kit.Digest()),
			},
			signers: "release/bundle", counted: []int{2},
		},
		"ed25519 legacy": {
			reason:   "the key type is the signer's choice",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", ed))},
			evidence: []artifact.Evidence{ed.Legacy(repository, kit.Digest())},
			signers:  "release/legacy", counted: []int{0},
		},
		"ed25519 bundle": {
			reason:   "the key type is the signer's choice",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", ed))},
			evidence: []artifact.Evidence{ed.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0},
		},
		"ed25519ph": {
			reason:   "cosign lets Ed25519 hash first",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", ed))},
			evidence: []artifact.Evidence{hashed.Legacy(repository, kit.Digest()), hashed.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"rsa of 2048 bits": {
			reason:   "the shortest modulus that is believed",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", rsa))},
			evidence: []artifact.Evidence{rsa.Legacy(repository, kit.Digest()), rsa.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"p-384": {
			reason:   "cosign hashes with what belongs to the curve",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", p384))},
			evidence: []artifact.Evidence{p384.Legacy(repository, kit.Digest()), p384.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"p-384, sha-256": {
			reason:   "older signers hashed with SHA-256 whatever the key",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", p384))},
			evidence: []artifact.Evidence{older.Legacy(repository, kit.Digest()), older.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"p-521": {
			reason:   "each curve has its own hash",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", p521))},
			evidence: []artifact.Evidence{p521.Legacy(repository, kit.Digest()), p521.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"one signer, two authorities, two formats": {
			reason:   "what is said of an authority is the format that it takes",
			rules:    []v1alpha1.TrustRule{rule(1, loggedKey("logged", release), authority("release", release))},
			evidence: []artifact.Evidence{local.Keyed(release).Legacy(repository, kit.Digest()), release.Bundle(kit.Digest())},
			signers:  "logged/legacy", counted: []int{0, 1},
		},
		"one signer, two authorities": {
			reason:   "a piece that says the same to another authority is kept for that one",
			rules:    []v1alpha1.TrustRule{rule(1, authority("release", release), loggedKey("logged", release))},
			evidence: []artifact.Evidence{release.Bundle(kit.Digest()), local.Keyed(release).Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0, 1},
		},
		"a later rule": {
			reason:   "a rule that does not match decides nothing",
			rules:    []v1alpha1.TrustRule{elsewhere, rule(1, authority("release", release))},
			evidence: []artifact.Evidence{release.Bundle(kit.Digest())},
			signers:  "release/bundle", counted: []int{0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, test.rules...).Verify(a, test.evidence)
			if !v.Trusted(a) {
				t.Fatalf("%s: refused: %s", test.reason, v.Reason())
			}
			if diff := cmp.Diff(test.signers, signers(v)); diff != "" {
				t.Errorf("%s: signers (-want +got):\n%s", test.reason, diff)
			}
			if diff := cmp.Diff(test.counted, v.Counted()); diff != "" {
				t.Errorf("%s: counted (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestVerdictNamesItsRule(t *testing.T) {
	first := rule(1, authority("release", release))
	first.Match = []string{"registry.example.com/models/*"}
	a := pin(t, repository, kit)
	v := compile(t, first, rule(1, authority("ci", ci))).Verify(a, []artifact.Evidence{release.Bundle(kit.Digest())})
	if got := v.Rule().Path; got != "spec.trust[0]" {
		t.Errorf("rule %q, want the first that matches", got)
	}
	if got := v.AuthorityNames(); got != "release" {
		t.Errorf("authorities %q, want release", got)
	}
	if got := v.Rule().Authorities[0].PEM(); got != release.PEM() {
		t.Errorf("the authority's key is\n%s", got)
	}
}

func TestTrustedIsAboutOneArtifact(t *testing.T) {
	a := pin(t, repository, kit)
	v := compile(t, rule(1, authority("release", release))).Verify(a, []artifact.Evidence{release.Bundle(kit.Digest())})
	if !v.Trusted(a) {
		t.Fatal(v.Reason())
	}
	for name, test := range map[string]struct {
		verdict trust.Verdict
		about   artifact.Artifact
	}{
		"zero verdict":       {trust.Verdict{}, a},
		"zero artifact":      {v, artifact.Artifact{}},
		"zero both":          {trust.Verdict{}, artifact.Artifact{}},
		"another digest":     {v, pin(t, repository, other)},
		"another repository": {v, pin(t, "registry.example.com/models/toy", kit)},
	} {
		if test.verdict.Trusted(test.about) {
			t.Errorf("%s: trusted", name)
		}
	}
}
