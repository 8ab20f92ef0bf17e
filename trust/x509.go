package trust

import (
	"errors"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// ownIssuer stands where a keyless signer has its OIDC issuer. It is the same
// for all of a platform's own authorities: whom two of them certify, or one after
// another, is one signer.
const ownIssuer = "an x509 authority of the platform"

// compileX509 parses whom an authority of one's own must have certified, and what
// says when. The path is below the authority.
func compileX509(spec v1alpha1.Authority, roots rootCache) (*identity, *trustedRoot, string, error) {
	x := *spec.X509
	if (x.Subject == "") == (x.SubjectRegExp == "") {
		return nil, nil, ".x509", fmt.Errorf("one of subject and subjectRegExp is required")
	}
	who, err := compileIdentity(v1alpha1.Keyless{Issuer: ownIssuer, Subject: x.Subject, SubjectRegExp: x.SubjectRegExp})
	if err != nil {
		return nil, nil, ".x509", err
	}
	ca, err := parseCA(x.CA)
	if err != nil {
		return nil, nil, ".x509.ca", err
	}
	r, err := roots.own(x.CA, ca, spec.TrustedRoot, spec.Tlog == v1alpha1.TlogOptional)
	if err != nil {
		return nil, nil, ".trustedRoot", err
	}
	return who, r, "", nil
}

// own is a trusted root with a certificate authority of one's own in place of
// the root's: only its logs and timestamp authorities are believed.
func (c rootCache) own(text string, ca *ownCA, rootText string, unlogged bool) (*trustedRoot, error) {
	// A trusted root is JSON, and so never the same as one of these.
	key := fmt.Sprintf("x509 unlogged=%t\n%s\n%s", unlogged, text, rootText)
	if r := c[key]; r != nil {
		return r, nil
	}
	if rootText == "" {
		rootText = publicGood
	}
	material, err := root.NewTrustedRootFromJSON([]byte(rootText))
	if err != nil {
		return nil, fmt.Errorf("trusted root: %w", err)
	}
	switch {
	case !unlogged && len(material.RekorLogs()) == 0:
		return nil, fmt.Errorf("trusted root: it names no transparency log")
	case unlogged && len(material.TimestampingAuthorities()) == 0:
		return nil, fmt.Errorf("trusted root: it names no timestamp authority, and without a log nobody else says when it was signed")
	}
	r := &trustedRoot{material: material, issuer: ownIssuer, unlogged: unlogged, certified: ownCertified{material, ca, unlogged}}
	c[key] = r
	return r, nil
}

// ownCertified verifies what was signed under a certificate of one's own
// authority.
type ownCertified struct {
	material root.TrustedMaterial
	ca       *ownCA
	unlogged bool
}

// Verify tells why a certificate does not hold, which sigstore-go keeps to
// itself.
func (o ownCertified) Verify(entity verify.SignedEntity, policy verify.PolicyBuilder) (*verify.VerificationResult, error) {
	// A certificate that lasts for years proves nothing by itself: a timestamp is
	// what a signer cannot date back.
	options := []verify.VerifierOption{verify.WithSignedTimestamps(1)}
	if !o.unlogged {
		options = logged()
	}
	ca := &witnessed{CertificateAuthority: o.ca}
	verifier, err := verify.NewVerifier(ownMaterial{o.material, ca}, options...)
	if err != nil {
		return nil, err
	}
	result, err := verifier.Verify(entity, policy)
	if err != nil && ca.err != nil {
		return nil, fmt.Errorf("certificate: %w", ca.err)
	}
	return result, err
}

// ownMaterial is a trusted root in which only one's own authority certifies.
type ownMaterial struct {
	root.TrustedMaterial
	ca root.CertificateAuthority
}

func (m ownMaterial) FulcioCertificateAuthorities() []root.CertificateAuthority {
	return []root.CertificateAuthority{m.ca}
}

// chained reads a bundle v0.3 with a chain of certificates, as cosign v3 writes
// for `sign --certificate-chain`. Only one's own authority takes it.
func chained(data []byte) (*bundle.Bundle, bool) {
	b := new(bundle.Bundle)
	bundle.AllowCertificateChain()(b)
	return b, b.UnmarshalJSON(data) == nil
}

// errChained: for a keyless signature the specification of v0.3 wants the one
// certificate.
var errChained = errors.New("verification material cannot be X.509 certificate chain (for bundle v0.3)")

// takes tells whether a bundle's form is one for this root.
func (r *trustedRoot) takes(b *bundle.Bundle) error {
	if r.issuer != ownIssuer && b.MinVersion("v0.3") && b.VerificationMaterial.GetX509CertificateChain() != nil {
		return errChained
	}
	return nil
}
