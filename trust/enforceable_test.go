package trust_test

import (
	"crypto"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestHash: a verdict says how the key hashed, which an admission engine has to be
// told, and leaves out whom none can verify.
func TestHash(t *testing.T) {
	for name, test := range map[string]struct {
		key  testsign.Key
		want trust.Hash
		left int // whom an engine can verify
	}{
		"P-256":              {release, trust.UsualHash, 1},
		"RSA":                {testsign.RSA("release", 2048), trust.UsualHash, 1},
		"P-384":              {testsign.P384("release", crypto.SHA384), trust.SHA384, 1},
		"P-384 with SHA-256": {testsign.P384("release", crypto.SHA256), trust.UsualHash, 1},
		"P-521":              {testsign.P521("release"), trust.SHA512, 1},
		"Ed25519":            {testsign.Ed25519("release"), trust.UsualHash, 1},
		"Ed25519ph":          {testsign.Ed25519ph("release"), trust.Ed25519ph, 0},
	} {
		for format, evidence := range map[string]artifact.Evidence{
			"legacy": test.key.Legacy(repository, kit.Digest()), "bundle": test.key.Bundle(kit.Digest()),
		} {
			t.Run(name+", "+format, func(t *testing.T) {
				v := compile(t, rule(1, authority("release", test.key))).Verify(pin(t, repository, kit), list(evidence))
				if len(v.Signers()) != 1 || v.Signers()[0].Hash != test.want || len(v.KeySigners()) != test.left {
					t.Errorf("%+v, of whom %d can be verified; want hash %q, and %d", v.Signers(), len(v.KeySigners()), test.want, test.left)
				}
			})
		}
	}
}

// TestLegacyBesideAttestation: where a rule wants attestations, an engine would
// take one for a legacy signature.
func TestLegacyBesideAttestation(t *testing.T) {
	plain := rule(1, authority("release", release))
	scan := scanner.Attest(kit.Digest(), testsign.Scored(0.95))
	legacy, bundle := release.Legacy(repository, kit.Digest()), release.Bundle(kit.Digest())
	for name, test := range map[string]struct {
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     int
	}{
		"no attestation wanted": {plain, list(legacy), 1},
		"legacy":                {attesting(authority("scanner", scanner), evaluation), list(legacy, scan), 0},
		"bundle":                {attesting(authority("scanner", scanner), evaluation), list(bundle, scan), 1},
		"both":                  {attesting(authority("scanner", scanner), evaluation), list(legacy, bundle, scan), 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := compile(t, test.rule).Verify(pin(t, repository, kit), test.evidence)
			if !v.Trusted(pin(t, repository, kit)) || len(v.KeySigners()) != test.want {
				t.Errorf("%d signers, want %d: %s", len(v.KeySigners()), test.want, v.Reason())
			}
		})
	}
}

// TestEnforceable: which attestation an engine can ask for, and that it is the one
// that counts where there are others.
func TestEnforceable(t *testing.T) {
	good := testsign.Scored(0.95)
	scored := attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92")
	either := attesting(authority("scanner", scanner), evaluation)
	either.Authorities = append(either.Authorities, authority("ci", testsign.Ed25519("ci")))
	either.Attestations[0].Authorities = []string{"ci", "scanner"}
	ed := testsign.Ed25519ph("ci")
	bundle, legacy := scanner.Attest(kit.Digest(), good), scanner.LegacyAttest(kit.Digest(), good)
	for name, test := range map[string]struct {
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
		want     string
		holds    bool
	}{
		"bundle":              {scored, list(bundle), "scanner/bundle", true},
		"legacy":              {scored, list(legacy), "scanner/legacy", false},
		"both":                {scored, list(legacy, bundle), "scanner/bundle", true},
		"both, turned round":  {scored, list(bundle, legacy), "scanner/bundle", true},
		"logged":              {attesting(loggedKey("scanner", scanner), evaluation), list(local.Keyed(scanner).Attest(kit.Digest(), good)), "scanner/bundle", false},
		"certified":           {attesting(certified("train", train), evaluation), list(logged.Attest(kit.Digest(), good)), "train/bundle", false},
		"prehashed":           {either, list(ed.Attest(kit.Digest(), good)), "ci/bundle", false},
		"prehashed or bundle": {either, list(ed.Attest(kit.Digest(), good), bundle), "scanner/bundle", true},
	} {
		t.Run(name, func(t *testing.T) {
			v := compile(t, test.rule).Verify(pin(t, repository, kit), append(test.evidence, release.Bundle(kit.Digest())))
			if got := attested(v); got != evaluation+" by "+test.want {
				t.Errorf("%s, want it by %s", got, test.want)
			}
			if got := v.Attestations()[0].Enforceable(); got != test.holds {
				t.Errorf("enforceable %t, want %t", got, test.holds)
			}
		})
	}
}

// TestConditions: what an attestation satisfied is handed on, each with why it
// would be another thing elsewhere.
func TestConditions(t *testing.T) {
	r := attesting(authority("scanner", scanner), evaluation, "predicate.metrics.auc >= 0.92", `predicate.dataset.indexOf("h") == 0`)
	r.Attestations[0].Provenance = map[string]string{"dataset": "predicate.dataset"}
	policy := compile(t, r)
	judged := func(s testsign.Says) []trust.Condition {
		v := policy.Verify(pin(t, repository, kit), list(release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), s)))
		if !v.Attested() {
			t.Fatal(v.Reason())
		}
		return v.Attestations()[0].Conditions
	}
	got := judged(testsign.Scored(0.95))
	if len(got) != 3 || got[0].Stays != nil || got[1].Stays == nil || got[2].Stays != nil || got[2].Key != "dataset" || got[2].Value != "holdout" {
		t.Errorf("%+v", got)
	}
	for _, c := range judged(testsign.Says{PredicateType: evaluation, Predicate: `{"metrics":{"auc":0.95},"dataset":"holdout","rows":9007199254740993}`}) {
		if c.Stays == nil {
			t.Errorf("%q would be judged on rounded numbers", c.Expression)
		}
	}
}
