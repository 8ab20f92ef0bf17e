package trust_test

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestX509CertificateRefused holds the certificates that make nobody a signer,
// though the company's authority issued most of them; each must be refused for
// its own reason.
func TestX509CertificateRefused(t *testing.T) {
	below := func(name string, change func(*x509.Certificate)) (*testsign.CA, *x509.Certificate) {
		ca := acme.Issuing(name, change)
		return ca, ca.Leaf(signer, releaser)
	}
	lab, ofLab := below("lab", func(c *x509.Certificate) {
		c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"lab.acme.example"}, true
	})
	expired, ofExpired := below("expired", func(c *x509.Certificate) { c.NotAfter = testsign.Then.AddDate(0, 0, -1) })
	servers, ofServers := below("servers", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	short := testsign.NewCA("short", func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true })
	tooLong := short.Issuing("too long")
	ended := testsign.NewCA("ended", func(c *x509.Certificate) { c.NotAfter = testsign.Then.AddDate(0, 0, -1) })
	elsewhere := testsign.NewCA("elsewhere").Issuing("elsewhere issuing")
	self := testsign.NewCA("self", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid = false, false
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		c.EmailAddresses = []string{releaser}
	})
	foreignName, err := url.Parse("https://lab.acme.example/release")
	if err != nil {
		t.Fatal(err)
	}
	weak := testsign.RSA("weak", 1024)
	// No constraint of the laboratory's authority is about URIs.
	pattern := corporate("staff", "", lab)
	pattern.X509.SubjectRegExp = `[^/]*@acme\.example`
	refusedFor(t, "an address at the end of a URI", rule(1, pattern),
		list(local.Certified(signer, lab.Leaf(signer, "https://lab.example/x@acme.example")).Bundle(kit.Digest())), "does not match")
	for name, test := range map[string]struct {
		reason      string
		ca          *testsign.CA
		certificate *x509.Certificate
		want        string
	}{
		"constrained CA":        {"an authority that may certify another domain only", lab, ofLab, `not authorized to sign for this name`},
		"expired CA":            {"an intermediate that had expired (CVE-2026-24122)", expired, ofExpired, "certificate has expired or is not yet valid"},
		"expired root":          {"a root that had expired", ended, ended.Leaf(signer, releaser), "certificate has expired or is not yet valid"},
		"CA for servers":        {"an intermediate for another purpose", servers, ofServers, "incompatible key usage"},
		"path":                  {"more intermediates than the root allows", tooLong, tooLong.Leaf(signer, releaser), "too many intermediates for path length constraint"},
		"expired":               {"signed after the certificate's end", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.NotAfter = testsign.Then }), "integrated time outside certificate validity"},
		"too early":             {"signed before the certificate's beginning", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.NotBefore = testsign.Then.AddDate(0, 0, 1) }), "integrated time outside certificate validity"},
		"no purpose":            {"x509 alone takes that for any purpose", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.ExtKeyUsage = nil }), "it is not for code signing"},
		"any purpose":           {"nobody said that it may sign", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }), "it is not for code signing"},
		"mail":                  {"a certificate for mail, with the same address", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }), "it is not for code signing"},
		"TLS server":            {"a server's certificate by the same authority", issuing, issuing.Leaf(signer, releaser, server), "it is not for code signing"},
		"key usage":             {"a key for another use", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), "its key is not for digital signatures"},
		"a CA":                  {"an authority's own certificate, with the subject's name", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), "it is a certificate authority's, not a signer's"},
		"self-signed":           {"the same names by nobody", issuing, self.Certificate, "signed by unknown authority"},
		"other root":            {"another company's subject of that name", issuing, elsewhere.Leaf(signer, releaser), "signed by unknown authority"},
		"intermediate unlisted": {"of the same root, but the platform does not name what is between", acme, issuing.Leaf(signer, releaser), `issued by "CN=acme issuing,O=sigstore.test", and certificates that come with a signature are not read: intermediates belong into ca`},
		"two addresses":         {"one person would be two", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.EmailAddresses = append(c.EmailAddresses, "boss@acme.example") }), "made out to 2 email addresses and URIs, not to one"},
		"address and URI":       {"one of them would be chosen", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.URIs = []*url.URL{foreignName} }), "made out to 2 email addresses and URIs, not to one"},
		"common name":           {"a name that is not an alternative one", issuing, issuing.Leaf(signer, releaser, func(c *x509.Certificate) { c.EmailAddresses, c.Subject.CommonName = nil, releaser }), "no Subject Alternative Name found"},
		"other name":            {"a name that no name constraint holds for", issuing, issuing.Leaf(signer, releaser, otherName(releaser)), "made out to 0 email addresses and URIs, not to one"},
		"keyless":               {"a private authority that certifies users as Fulcio does", issuing, issuing.Leaf(signer, releaser, fulcioIssuer(alice.Issuer)), `it is a keyless certificate, for a user of "` + alice.Issuer},
		"weak key":              {"a key that can be broken", issuing, issuing.Leaf(weak, releaser), "RSA key of 1024 bits, at least 2048 are needed"},
		"subject":               {"a colleague", issuing, issuing.Leaf(signer, "intern@acme.example"), `subject "intern@acme.example" is not "release@acme.example"`},
		"subject's case":        {"letter for letter", issuing, issuing.Leaf(signer, "Release@acme.example"), `subject "Release@acme.example" is not "release@acme.example"`},
	} {
		t.Run(name, func(t *testing.T) {
			key := signer
			if name == "weak key" {
				key = weak
			}
			if name == "self-signed" {
				key = testsign.ECDSA("CA self")
			}
			signed := local.Certified(key, test.certificate)
			refusedFor(t, test.reason, rule(1, corporate("release", releaser, test.ca)), list(signed.Bundle(kit.Digest())), test.want)
			want := test.want
			if strings.HasPrefix(want, "integrated time") { // there is none
				want = "certificate has expired or is not yet valid"
			}
			refusedFor(t, test.reason, rule(1, stampedOnly(corporate("release", releaser, test.ca))), list(unseen(signed).Legacy(repository, kit.Digest())), want)
		})
	}
}

// server makes it the certificate of a server.
func server(c *x509.Certificate) {
	c.DNSNames, c.ExtKeyUsage = []string{"models.acme.example"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
}

// otherName puts the name where Sigstore puts users that have no address.
func otherName(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.EmailAddresses = nil
		text, err := asn1.MarshalWithParams(name, "utf8,explicit,tag:0")
		if err != nil {
			panic(err)
		}
		id, err := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 7})
		if err != nil {
			panic(err)
		}
		names, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(id, text...)}})
		if err != nil {
			panic(err)
		}
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Critical: true, Value: names})
	}
}

// fulcioIssuer adds the extension by which keyless authorities are matched.
func fulcioIssuer(issuer string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1}, Value: []byte(issuer)})
	}
}

// TestX509EvidenceRefused holds the ways in which a good certificate still proves
// nothing.
func TestX509EvidenceRefused(t *testing.T) {
	logOnly := corporate("release", releaser, issuing)
	noLog := stampedOnly(logOnly)
	with := func(a v1alpha1.Authority, change func(*v1alpha1.Authority)) v1alpha1.Authority {
		change(&a)
		return a
	}
	late := stamped
	late.At = company.Certificate.NotAfter.Add(time.Second)
	lateLogged := company
	lateLogged.At = late.At
	unpromised := company
	unpromised.WithoutPromise = true
	unseenByAll := company
	unseenByAll.WithoutLog = true
	alien := unseen(foreign.Certified(signer, company.Certificate))
	rootIn := company
	rootIn.Version, rootIn.WithChain, rootIn.Chain = "0.3", true, issuing.Chain()
	ended := func(v any) any {
		v.(map[string]any)["end"] = notBefore
		return v
	}
	for name, test := range map[string]struct {
		reason    string
		authority v1alpha1.Authority
		evidence  artifact.Evidence
		want      string
	}{
		"no log":         {"a signature that nobody saw", logOnly, stamped.Bundle(kit.Digest()), "not enough verified log entries from transparency log: 0 < 1"},
		"no log, legacy": {"in either format", logOnly, stamped.Legacy(repository, kit.Digest()), "so no log knows the signature"},
		"other log":      {"a log that nobody believes", logOnly, foreign.Certified(signer, company.Certificate).Bundle(kit.Digest()), "not enough verified log entries"},
		"no time":        {"a log that states no time, and no timestamp", logOnly, unpromised.Bundle(kit.Digest()), "threshold not met for verified signed & log entry integrated timestamps: 0 < 1"},
		"log ended": {"a log that was given up", with(logOnly, func(a *v1alpha1.Authority) {
			a.TrustedRoot = string(edited(t, []byte(a.TrustedRoot), ended, "tlogs", 0, "publicKey", "validFor"))
		}), company.Bundle(kit.Digest()), "not enough verified log entries"},
		"no stamp":             {"nothing says when it was signed: an expired certificate's key could have", noLog, unseenByAll.Bundle(kit.Digest()), "no timestamp authority of the trusted root says when it was signed"},
		"no stamp, legacy":     {"in either format", noLog, unseenByAll.Legacy(repository, kit.Digest()), "no timestamp authority of the trusted root says when it was signed"},
		"log for stamp":        {"the log's time is not asked for without a log", noLog, company.Bundle(kit.Digest()), "no timestamp authority of the trusted root says when it was signed"},
		"alien stamp":          {"a timestamp by an authority that nobody believes", noLog, alien.Bundle(kit.Digest()), "no timestamp authority of the trusted root says when it was signed"},
		"alien stamp, legacy":  {"in either format", noLog, alien.Legacy(repository, kit.Digest()), "no timestamp authority of the trusted root says when it was signed"},
		"stamp of another":     {"a timestamp of another signature", noLog, bundleWith(t, stamped.Legacy(repository, kit.Digest()), func(any) any { return legacyStamp(t, stamped.Legacy(repository, other.Digest())) }, "annotations", "dev.sigstore.cosign/rfc3161timestamp"), "hashed messages don't match"},
		"stamp, no JSON":       {"an annotation that is no answer of a timestamp authority", noLog, bundleWith(t, stamped.Legacy(repository, kit.Digest()), to("x"), "annotations", "dev.sigstore.cosign/rfc3161timestamp"), "annotation dev.sigstore.cosign/rfc3161timestamp: invalid character"},
		"late":                 {"signed after the certificate's end, by the log's time", logOnly, lateLogged.Legacy(repository, kit.Digest()), "integrated time outside certificate validity"},
		"stamped late":         {"by the timestamp authority's", noLog, late.Bundle(kit.Digest()), "certificate has expired or is not yet valid"},
		"stamped late, legacy": {"in either format", noLog, late.Legacy(repository, kit.Digest()), "certificate has expired or is not yet valid"},
		"one of two times":     {"every time counts, not the best one", logOnly, bundleWith(t, company.Bundle(kit.Digest()), func(any) any { return material(t, late.Bundle(kit.Digest()))["timestampVerificationData"] }, "verificationMaterial", "timestampVerificationData"), "certificate has expired or is not yet valid"},
		"digest":               {"a signature of another model", logOnly, company.Bundle(other.Digest()), "provided artifact digest does not match any digest in statement"},
		"legacy, digest":       {"in either format", noLog, stamped.Legacy(repository, other.Digest()), "about another digest, " + string(other.Digest())},
		"attestation":          {"an attestation is no release", logOnly, company.Attestation(kit.Digest(), slsa), `an attestation of type "` + slsa + `" is no signature`},
		"other key":            {"a signature by another key than the certificate's", noLog, unseen(local.Certified(mallory, company.Certificate)).Bundle(kit.Digest()), "another key made it, or it was changed since"},
		"other key, legacy":    {"in either format", noLog, unseen(local.Certified(mallory, company.Certificate)).Legacy(repository, kit.Digest()), "could not verify message"},
		"bare key":             {"the certificate's key without its certificate", logOnly, local.Keyed(signer).Bundle(kit.Digest()), "signed with a key, under no certificate"},
		"root in chain":        {"a bundle that brings the root by which to believe it", logOnly, rootIn.Bundle(kit.Digest()), "it holds a root certificate"},
		"revoked":              {"it does not vouch for the digest any more", with(logOnly, func(a *v1alpha1.Authority) { a.Revoked = []string{string(kit.Digest())} }), company.Bundle(kit.Digest()), "release has revoked " + string(kit.Digest())},
		"not any more":         {"signed after the authority's end", with(noLog, func(a *v1alpha1.Authority) { a.NotAfter = notBefore }), stamped.Bundle(kit.Digest()), "release signed at 2025-03-01T12:01:00Z, when it was no authority"},
		"not yet":              {"signed before the authority's beginning", with(logOnly, func(a *v1alpha1.Authority) { a.NotBefore = notAfter }), company.Legacy(repository, kit.Digest()), "release signed at 2025-03-01T12:01:00Z, when it was no authority"},
		"expression, inside": {"what is found inside is not the whole", with(logOnly, func(a *v1alpha1.Authority) {
			a.X509 = &v1alpha1.X509{CA: issuing.PEM(), SubjectRegExp: "lease@acme.example"}
		}), company.Bundle(kit.Digest()), "does not match"},
		"public good": {"without a trusted root the public-good instance's logs are believed, and no other", with(logOnly, func(a *v1alpha1.Authority) { a.TrustedRoot = "" }), company.Bundle(kit.Digest()), "not enough verified log entries"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, rule(1, test.authority), list(test.evidence), test.want)
		})
	}
}

// TestX509IsNotKeyless: neither kind of certificate satisfies the other kind of
// authority, also where one authority issues both.
func TestX509IsNotKeyless(t *testing.T) {
	keyless := certified("ci", testsign.Identity{Issuer: alice.Issuer, Subject: releaser})
	// A private Fulcio under the company's root.
	keyless.TrustedRoot = string(edited(t, []byte(keyless.TrustedRoot), func(any) any {
		var list []any
		for _, c := range issuing.Chain() {
			list = append(list, map[string]any{"rawBytes": c.Raw})
		}
		return list
	}, "certificateAuthorities", 0, "certChain", "certificates"))
	chain := company
	chain.Version, chain.WithChain, chain.Chain = "0.3", true, issuing.Chain()[:1]
	users := under(fulcioIssuer(alice.Issuer))
	fulcio := corporate("release", alice.Subject, acme)
	fulcio.X509.CA = local.AuthorityPEM()
	for name, test := range map[string]struct {
		reason    string
		authority v1alpha1.Authority
		evidence  artifact.Evidence
		want      string
	}{
		"company's for keyless":         {"no certificate transparency log saw it", keyless, company.Bundle(kit.Digest()), "only able to verify 0 SCT entries"},
		"company's, legacy":             {"in either format", keyless, company.Legacy(repository, kit.Digest()), "only able to verify 0 SCT entries"},
		"company's, with an issuer":     {"an extension that any authority can write", keyless, users.Bundle(kit.Digest()), "only able to verify 0 SCT entries"},
		"company's chain":               {"in the form that is for companies only", keyless, chain.Bundle(kit.Digest()), "cannot be X.509 certificate chain"},
		"keyless for company's":         {"the same subject, certified by Sigstore", corporate("release", alice.Subject, issuing), local.Keyless(alice).Bundle(kit.Digest()), "it is a keyless certificate"},
		"keyless under the given CA":    {"Fulcio as a company's authority, which would let any issuer's users in", fulcio, local.Keyless(alice).Bundle(kit.Digest()), `it is a keyless certificate, for a user of "` + alice.Issuer},
		"keyless, legacy":               {"in either format", fulcio, local.Keyless(alice).Legacy(repository, kit.Digest()), "it is a keyless certificate"},
		"private Fulcio for company's":  {"one that issues under the company's root", corporate("release", releaser, issuing), users.Bundle(kit.Digest()), "it is a keyless certificate"},
		"company's for the root's own":  {"a trusted root's certificate authorities certify nobody for x509", stampedOnly(corporate("release", alice.Subject, issuing)), unseen(local.Keyless(alice)).Bundle(kit.Digest()), "it is a keyless certificate"},
		"issuer's text for the keyless": {"an issuer that calls itself as we call ours", certified("ci", testsign.Identity{Issuer: "an x509 authority of the platform", Subject: releaser}), company.Bundle(kit.Digest()), "leaf certificate verification failed"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, test.reason, rule(1, test.authority), list(test.evidence), test.want)
		})
	}
}

// TestX509DoesNotCompile: what could never hold, or would hold for anybody, is
// an error of the platform and names its field.
func TestX509DoesNotCompile(t *testing.T) {
	with := func(change func(*v1alpha1.Authority)) v1alpha1.Authority {
		a := corporate("release", releaser, issuing)
		change(&a)
		return a
	}
	ca := func(text string) v1alpha1.Authority {
		return with(func(a *v1alpha1.Authority) { a.X509.CA = text })
	}
	without := func(field, tlog string) v1alpha1.Authority {
		return with(func(a *v1alpha1.Authority) {
			a.Tlog, a.TrustedRoot = tlog, string(edited(t, []byte(a.TrustedRoot), to([]any{}), field))
		})
	}
	// The root's name with a new key, under the old one; and its key with a new name.
	rekeyed := acme.Issuing("acme with a new key", func(c *x509.Certificate) { c.Subject = acme.Certificate.Subject })
	renamed := acme.Issuing("acme", func(c *x509.Certificate) { c.Subject.CommonName = "acme renamed" })
	for name, test := range map[string]struct {
		authority  v1alpha1.Authority
		path, want string
	}{
		"anybody":            {with(func(a *v1alpha1.Authority) { a.X509.Subject = "" }), ".x509", "one of subject and subjectRegExp is required"},
		"two subjects":       {with(func(a *v1alpha1.Authority) { a.X509.SubjectRegExp = "x" }), ".x509", "one of subject and subjectRegExp is required"},
		"expression, closed": {with(func(a *v1alpha1.Authority) { a.X509.Subject, a.X509.SubjectRegExp = "", "a)|(b" }), ".x509", "subjectRegExp: error parsing regexp"},
		"and keyless":        {with(func(a *v1alpha1.Authority) { a.Keyless = certified("x", train).Keyless }), "", "an authority is a key, a keyless identity, or a subject"},
		"and key":            {with(func(a *v1alpha1.Authority) { a.Key = authority("x", release).Key }), "", "an authority is a key, a keyless identity, or a subject"},
		"no CA":              {ca(""), ".x509.ca", "none of 0 certificates is self-signed"},
		"no root":            {ca(testsign.CertificatesPEM(issuing.Certificate)), ".x509.ca", "none of 1 certificates is self-signed: the authority's root is missing"},
		"a leaf":             {ca(issuing.PEM() + testsign.CertificatesPEM(company.Certificate)), ".x509.ca", "certificate 3 (CN=release) is no certificate authority's"},
		"a weak root":        {ca(issuing.PEM() + weakRoot(t)), ".x509.ca", "certificate 3 (CN=weak): RSA key of 1024 bits, at least 2048 are needed"},
		"re-keyed":           {ca(testsign.CertificatesPEM(rekeyed.Certificate)), ".x509.ca", "none of 1 certificates is self-signed"},
		"renamed":            {ca(testsign.CertificatesPEM(renamed.Certificate)), ".x509.ca", "none of 1 certificates is self-signed"},
		"a key":              {ca(issuing.PEM() + signer.PEM()), ".x509.ca", `want PEM blocks CERTIFICATE, found "PUBLIC KEY"`},
		"damaged":            {ca(issuing.PEM() + strings.Replace(acme.PEM(), "\nMI", "\n!I", 1)), ".x509.ca", "only 2 of 3 PEM blocks can be read"},
		"garbage":            {ca("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), ".x509.ca", "certificate 1: x509: malformed"},
		"root":               {with(func(a *v1alpha1.Authority) { a.TrustedRoot = "x" }), ".trustedRoot", "trusted root: "},
		"no log":             {without("tlogs", ""), ".trustedRoot", "it names no transparency log"},
		"no timestamper":     {without("timestampAuthorities", v1alpha1.TlogOptional), ".trustedRoot", "it names no timestamp authority"},
		"window, no time":    {with(func(a *v1alpha1.Authority) { a.NotAfter = "x" }), ".notAfter", "cannot parse"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(1, authority("first", release), test.authority)}})
			if len(errs) != 1 || errs[0].Path != "spec.trust[0].authorities[1]"+test.path || !strings.Contains(errs[0].Message, test.want) {
				t.Errorf("%v, want one error at %q with %q", errs, test.path, test.want)
			}
		})
	}
	// Nothing else of a trusted root is asked of one for x509, nor is one required.
	for _, a := range []v1alpha1.Authority{
		without("ctlogs", ""), without("certificateAuthorities", ""), without("timestampAuthorities", ""), without("tlogs", v1alpha1.TlogOptional),
		with(func(a *v1alpha1.Authority) { a.TrustedRoot = "" }), stampedOnly(with(func(a *v1alpha1.Authority) { a.TrustedRoot = "" })),
	} {
		compile(t, rule(1, a))
	}
}

// weakRoot is a self-signed certificate authority whose key can be broken.
func weakRoot(t *testing.T) string {
	t.Helper()
	block, _ := pem.Decode([]byte(testsign.RSA("weak", 1024).PrivatePEM()))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weak"},
		NotBefore: testsign.Then, NotAfter: testsign.Then.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(nil, template, template, key.(*rsa.PrivateKey).Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}

// legacyStamp is what a timestamp authority said about a legacy signature.
func legacyStamp(t *testing.T, e artifact.Evidence) string {
	t.Helper()
	l, err := e.Legacy()
	if err != nil {
		t.Fatal(err)
	}
	return l.Annotations["dev.sigstore.cosign/rfc3161timestamp"]
}
