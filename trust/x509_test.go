package trust_test

import (
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const releaser = "release@acme.example"

var (
	acme    = testsign.NewCA("acme")
	issuing = acme.Issuing("acme issuing")
	signer  = testsign.ECDSA("acme release")
	// company is logged, and stamped is not: it shows a timestamp instead.
	company = local.Certified(signer, issuing.Leaf(signer, releaser))
	stamped = unseen(company)
)

// corporate is an authority that is exactly this subject of a CA.
func corporate(name, subject string, ca *testsign.CA) v1alpha1.Authority {
	return v1alpha1.Authority{Name: name, TrustedRoot: local.TrustedRoot(), X509: &v1alpha1.X509{CA: ca.PEM(), Subject: subject}}
}

// stampedOnly asks no log.
func stampedOnly(a v1alpha1.Authority) v1alpha1.Authority {
	a.Tlog = v1alpha1.TlogOptional
	return a
}

// unseen shows a timestamp instead of an entry in a log.
func unseen(l testsign.Logged) testsign.Logged {
	l.WithoutLog, l.Timestamped = true, true
	return l
}

// under signs under a certificate of acme's that was changed before it was
// issued.
func under(change func(*x509.Certificate)) testsign.Logged {
	return local.Certified(signer, issuing.Leaf(signer, releaser, change))
}

// of signs with another key under a certificate of its own.
func of(key testsign.Key) testsign.Logged {
	return local.Certified(key, issuing.Leaf(key, releaser))
}

// TestX509Accepts holds what must be trusted under a company's certificates. All
// of it was signed long ago, and no certificate is valid any more: whoever looked
// at a clock would refuse it.
func TestX509Accepts(t *testing.T) {
	at := func(l testsign.Logged, version string, chain ...*x509.Certificate) artifact.Evidence {
		l.Version, l.WithChain, l.Chain = version, chain != nil, chain
		return l.Bundle(kit.Digest())
	}
	window := corporate("release", releaser, issuing)
	window.NotBefore, window.NotAfter = notBefore, notAfter
	pattern := corporate("staff", "", issuing)
	pattern.X509.SubjectRegExp = `[a-z]+@acme\.example`
	both := company
	both.Timestamped = true
	unpromised := company
	unpromised.Timestamped, unpromised.WithoutPromise = true, true
	constrained := acme.Issuing("acme constrained", func(c *x509.Certificate) {
		c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"acme.example"}, true
	})
	const uri = "spiffe://acme.example/release"
	workload := local.Certified(signer, issuing.Leaf(signer, uri))
	two := testsign.CertificatesPEM(testsign.NewCA("older").Certificate) + issuing.PEM()
	older := corporate("release", releaser, issuing)
	older.X509.CA = "Older and newer:\n" + two
	for name, test := range map[string]struct {
		reason    string
		authority v1alpha1.Authority
		evidence  artifact.Evidence
		signers   string
	}{
		"bundle":         {"signed and logged", corporate("release", releaser, issuing), company.Bundle(kit.Digest()), "release/bundle"},
		"legacy":         {"in either format", corporate("release", releaser, issuing), company.Legacy(repository, kit.Digest()), "release/legacy"},
		"bundle 0.1":     {"the oldest have the log's promise", corporate("release", releaser, issuing), at(company, "0.1"), "release/bundle"},
		"bundle 0.2":     {"with the chain that older clients write", corporate("release", releaser, issuing), at(company, "0.2", issuing.Certificate), "release/bundle"},
		"bundle 0.3":     {"cosign v3 writes a chain there", corporate("release", releaser, issuing), at(company, "0.3", issuing.Certificate), "release/bundle"},
		"chain of one":   {"also where nothing is above the signer", corporate("release", releaser, issuing), at(company, "0.3", []*x509.Certificate{}...), "release/bundle"},
		"stamped":        {"without a log, by a timestamp authority's time", stampedOnly(corporate("release", releaser, issuing)), stamped.Bundle(kit.Digest()), "release/bundle"},
		"stamped legacy": {"in either format", stampedOnly(corporate("release", releaser, issuing)), stamped.Legacy(repository, kit.Digest()), "release/legacy"},
		"stamped, logged": {"a log that nobody believes does no harm where none is asked", stampedOnly(corporate("release", releaser, issuing)), bundleWith(t, both.Bundle(kit.Digest()), func(any) any {
			return []any{bundleEntry(t, foreign.Certified(signer, company.Certificate).Bundle(kit.Digest()))}
		}, "verificationMaterial", "tlogEntries"), "release/bundle"},
		"both":           {"log and timestamp authority agree", corporate("release", releaser, issuing), both.Bundle(kit.Digest()), "release/bundle"},
		"both, legacy":   {"in either format", corporate("release", releaser, issuing), both.Legacy(repository, kit.Digest()), "release/legacy"},
		"no promise":     {"a log that states no time, and an authority that does", corporate("release", releaser, issuing), unpromised.Bundle(kit.Digest()), "release/bundle"},
		"window":         {"by the log's time", window, company.Bundle(kit.Digest()), "release/bundle"},
		"window stamped": {"by the timestamp authority's", stampedOnly(window), stamped.Legacy(repository, kit.Digest()), "release/legacy"},
		"expression":     {"the whole subject matches", pattern, company.Bundle(kit.Digest()), "staff/bundle"},
		"URI":            {"the other kind of name", corporate("release", uri, issuing), workload.Bundle(kit.Digest()), "release/bundle"},
		"root only":      {"a small company has no intermediate", corporate("release", releaser, acme), local.Certified(signer, acme.Leaf(signer, releaser)).Bundle(kit.Digest()), "release/bundle"},
		"constrained":    {"an intermediate for the subject's own domain", corporate("release", releaser, constrained), local.Certified(signer, constrained.Leaf(signer, releaser)).Bundle(kit.Digest()), "release/bundle"},
		"two roots":      {"while one replaces the other; what stands between the blocks is for people", older, company.Bundle(kit.Digest()), "release/bundle"},
		"DNS name":       {"a name that is no signer's is not read", corporate("release", releaser, issuing), under(func(c *x509.Certificate) { c.DNSNames = []string{"build.acme.example"} }).Bundle(kit.Digest()), "release/bundle"},
		"RSA":            {"what most companies issue", corporate("release", releaser, issuing), of(testsign.RSA("release", 2048)).Bundle(kit.Digest()), "release/bundle"},
		"RSA legacy":     {"in either format", stampedOnly(corporate("release", releaser, issuing)), unseen(of(testsign.RSA("release", 3072))).Legacy(repository, kit.Digest()), "release/legacy"},
		"P-384":          {"a longer curve", corporate("release", releaser, issuing), of(testsign.P384("release", crypto.SHA384)).Bundle(kit.Digest()), "release/bundle"},
		"Ed25519":        {"another kind of key", stampedOnly(corporate("release", releaser, issuing)), unseen(of(testsign.Ed25519("release"))).Bundle(kit.Digest()), "release/bundle"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			v := compile(t, rule(1, test.authority)).Verify(a, list(test.evidence))
			if !v.Trusted(a) {
				t.Fatalf("%s: refused: %s", test.reason, v.Reason())
			}
			if diff := cmp.Diff(test.signers, signers(v)); diff != "" {
				t.Errorf("%s: signers (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

// TestX509Threshold: a threshold is about parties, however they are certified.
func TestX509Threshold(t *testing.T) {
	again, older := testsign.ECDSA("another of the releaser's"), testsign.NewCA("older")
	renewed := local.Certified(again, acme.Issuing("acme renewed").Leaf(again, releaser))
	replaced := local.Certified(again, older.Leaf(again, releaser))
	second := local.Certified(again, issuing.Leaf(again, "quality@acme.example"))
	sameKey := local.Certified(signer, issuing.Leaf(signer, "quality@acme.example"))
	staff := corporate("staff", "", acme.Issuing("acme renewed"))
	staff.X509.SubjectRegExp = ".*@acme.example"
	a := pin(t, repository, kit)
	v := compile(t, rule(2, corporate("release", releaser, issuing), corporate("quality", "quality@acme.example", issuing))).
		Verify(a, list(company.Bundle(kit.Digest()), second.Bundle(kit.Digest())))
	if got := signers(v); !v.Trusted(a) || got != "release/bundle quality/bundle" {
		t.Errorf("two people: %s, %s", got, v.Reason())
	}
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence []artifact.Evidence
	}{
		"two certificates": {"one person's renewed certificate, by another intermediate", rule(2, corporate("release", releaser, issuing), staff), list(company.Bundle(kit.Digest()), renewed.Bundle(kit.Digest()))},
		"two roots":        {"one person, certified by two authorities of the company", rule(2, corporate("release", releaser, issuing), corporate("old", releaser, older)), list(company.Bundle(kit.Digest()), replaced.Bundle(kit.Digest()))},
		"one key":          {"one key under two names", rule(2, corporate("release", releaser, issuing), corporate("quality", "quality@acme.example", issuing)), list(company.Bundle(kit.Digest()), sameKey.Bundle(kit.Digest()))},
		"bare key":         {"the certificate's own key", rule(2, corporate("release", releaser, issuing), authority("key", signer)), list(company.Legacy(repository, kit.Digest()), signer.Bundle(kit.Digest()))},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, test.rule, test.evidence, "is signed by 1 of 2 required authorities")
		})
	}
}

// TestX509AuthoritiesApart: two authorities of one policy that differ in one thing
// only do not take each other's evidence.
func TestX509AuthoritiesApart(t *testing.T) {
	const tester = "quality@acme.example"
	older, again := testsign.NewCA("older"), testsign.ECDSA("quality")
	elsewhere := func(a v1alpha1.Authority) v1alpha1.Authority {
		a.TrustedRoot = foreign.TrustedRoot()
		return a
	}
	// Each signs as the subject and with the key that it is given.
	by := func(s *testsign.Sigstore, ca *testsign.CA) func(testsign.Key, string) testsign.Logged {
		return func(key testsign.Key, subject string) testsign.Logged { return s.Certified(key, ca.Leaf(key, subject)) }
	}
	stamp := func(key testsign.Key, subject string) testsign.Logged {
		return unseen(by(local, issuing)(key, subject))
	}
	for name, test := range map[string]struct {
		second   v1alpha1.Authority
		asSecond func(testsign.Key, string) testsign.Logged
	}{
		"certificate authority": {corporate("quality", tester, older), by(local, older)},
		"trusted root":          {elsewhere(corporate("quality", tester, issuing)), by(foreign, issuing)},
		"log":                   {stampedOnly(corporate("quality", tester, issuing)), stamp},
	} {
		t.Run(name, func(t *testing.T) {
			first, asFirst := corporate("release", releaser, issuing), by(local, issuing)
			a := pin(t, repository, kit)
			for _, r := range []v1alpha1.TrustRule{rule(2, first, test.second), rule(2, test.second, first)} {
				v := compile(t, r).Verify(a, list(asFirst(signer, releaser).Bundle(kit.Digest()), test.asSecond(again, tester).Bundle(kit.Digest())))
				if !v.Trusted(a) {
					t.Errorf("each with its own: %s", v.Reason())
				}
				// Only the authority that somebody else signs for can verify it.
				r.Threshold = 1
				refusedFor(t, "the first's subject in the second's way", r, list(test.asSecond(signer, releaser).Bundle(kit.Digest())), `subject "release@acme.example" is not "quality@acme.example"`)
				refusedFor(t, "the second's subject in the first's way", r, list(asFirst(again, tester).Bundle(kit.Digest())), `subject "quality@acme.example" is not "release@acme.example"`)
			}
		})
	}
}
