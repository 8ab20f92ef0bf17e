package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// ownCA is a certificate authority of one's own.
type ownCA struct{ roots, intermediates *x509.CertPool }

// parseCA reads PEM: what is signed by its own key is a root, everything else an
// intermediate.
func parseCA(text string) (*ownCA, error) {
	ca := &ownCA{roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	blocks, roots := 0, 0
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		blocks++
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("want PEM blocks CERTIFICATE, found %q", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", blocks, err)
		}
		// A signer's own certificate is a mistake here: signers are named by subject.
		if !c.IsCA {
			return nil, fmt.Errorf("certificate %d (%s) is no certificate authority's", blocks, c.Subject)
		}
		if err := strong(c.PublicKey); err != nil {
			return nil, fmt.Errorf("certificate %d (%s): %w", blocks, c.Subject, err)
		}
		if selfSigned(c) {
			ca.roots.AddCert(c)
			roots++
		} else {
			ca.intermediates.AddCert(c)
		}
	}
	switch {
	case blocks != strings.Count(text, "-----BEGIN "):
		return nil, fmt.Errorf("only %d of %d PEM blocks can be read", blocks, strings.Count(text, "-----BEGIN "))
	case roots == 0:
		return nil, fmt.Errorf("none of %d certificates is self-signed: the authority's root is missing", blocks)
	}
	return ca, nil
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignatureFrom(c) == nil
}

var _ root.CertificateAuthority = (*ownCA)(nil)

// Verify tells whether the authority certified a signer, all of whose chain was
// valid at that time.
func (ca *ownCA) Verify(leaf *x509.Certificate, at time.Time) ([][]*x509.Certificate, error) {
	if err := signs(leaf); err != nil {
		return nil, err
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		CurrentTime: at, Roots: ca.roots, Intermediates: ca.intermediates,
		// Of the whole chain: an intermediate for servers certifies no signer.
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	})
	if errors.As(err, new(x509.UnknownAuthorityError)) {
		err = fmt.Errorf("%w; it was issued by %q, and certificates that come with a signature are not read: intermediates belong into ca", err, leaf.Issuer)
	}
	return chains, err
}

// signs tells whether a certificate is a signer's, whoever issued it. x509 alone
// takes one without any extended key usage for any purpose, and does not ask
// what a leaf's own key may do.
func signs(leaf *x509.Certificate) error {
	switch {
	case leaf.IsCA:
		return fmt.Errorf("it is a certificate authority's, not a signer's")
	case !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageCodeSigning):
		return fmt.Errorf("it is not for code signing (extended key usage)")
	case leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return fmt.Errorf("its key is not for digital signatures (key usage)")
	}
	// Of several names one would be chosen, and one person could be two signers.
	// Others than these are under no name constraint that x509 knows, or name no
	// signer.
	if names := len(leaf.EmailAddresses) + len(leaf.URIs); names != 1 {
		return fmt.Errorf("it is made out to %d email addresses and URIs, not to one (subject alternative name)", names)
	}
	if err := checkSubject(leaf); err != nil {
		return err
	}
	// Else one certificate could be held for a keyless identity and for this one.
	extensions, err := certificate.ParseExtensions(leaf.Extensions)
	if err != nil {
		return err
	}
	if extensions.Issuer != "" {
		return fmt.Errorf("it is a keyless certificate, for a user of %q", extensions.Issuer)
	}
	return strong(leaf.PublicKey)
}

// checkSubject wants the one name of a certificate to be one: sigstore-go passes
// over an empty one, and finds names of its own kind behind it.
func checkSubject(leaf *x509.Certificate) error {
	for _, uri := range leaf.URIs {
		if uri.Scheme == "" {
			return fmt.Errorf("its subject alternative name %q is no URI with a scheme", uri)
		}
	}
	for _, email := range leaf.EmailAddresses {
		if user, domain, found := strings.Cut(email, "@"); !found || user == "" || domain == "" {
			return fmt.Errorf("its subject alternative name %q is no email address", email)
		}
	}
	return nil
}

// witnessed keeps why an authority did not issue a certificate.
type witnessed struct {
	root.CertificateAuthority
	err error
}

func (w *witnessed) Verify(leaf *x509.Certificate, at time.Time) (chains [][]*x509.Certificate, err error) {
	chains, w.err = w.CertificateAuthority.Verify(leaf, at)
	return chains, w.err
}
