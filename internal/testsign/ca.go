package testsign

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"strings"
)

// CA is a company's certificate authority: a root, or one that another
// certified.
type CA struct {
	Certificate *x509.Certificate
	key         Key
	above       *CA
}

// NewCA is the root of that name.
func NewCA(name string, change ...func(*x509.Certificate)) *CA {
	template := authority(name, 11)
	for _, c := range change {
		c(template)
	}
	key := ECDSA("CA " + name)
	return &CA{issue(template, nil, key, key), key, nil}
}

// Issuing is an authority below, that certifies signers; it may be changed
// before.
func (c *CA) Issuing(name string, change ...func(*x509.Certificate)) *CA {
	template := authority(name, 12)
	for _, change := range change {
		change(template)
	}
	key := ECDSA("CA " + name)
	return &CA{issue(template, c.Certificate, key, c.key), key, c}
}

// Leaf certifies a signer for a year, by an email address, or by a URI where the
// subject is one. It may be changed before.
func (c *CA) Leaf(key Key, subject string, change ...func(*x509.Certificate)) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(key.id()[:8]), Subject: pkix.Name{CommonName: "release"},
		NotBefore: Then.AddDate(0, -1, 0), NotAfter: Then.AddDate(0, 11, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	if uri, err := url.Parse(subject); err == nil && strings.Contains(subject, "://") {
		template.URIs = []*url.URL{uri}
	} else {
		template.EmailAddresses = []string{subject}
	}
	for _, change := range change {
		change(template)
	}
	return issue(template, c.Certificate, key, c.key)
}

// Chain are the authority's certificates up to its root.
func (c *CA) Chain() []*x509.Certificate {
	if c == nil {
		return nil
	}
	return append([]*x509.Certificate{c.Certificate}, c.above.Chain()...)
}

// PEM is the chain as a ModelPlatform names it.
func (c *CA) PEM() string { return CertificatesPEM(c.Chain()...) }

// CertificatesPEM writes certificates one after another.
func CertificatesPEM(list ...*x509.Certificate) string {
	var b strings.Builder
	for _, c := range list {
		b.Write(pemBlock("CERTIFICATE", c.Raw))
	}
	return b.String()
}

// Certified signs under a certificate that an authority made for the key; the
// chain comes along where it is asked for.
func (s *Sigstore) Certified(key Key, certificate *x509.Certificate, chain ...*x509.Certificate) Logged {
	l := s.Keyed(key)
	l.Certificate, l.Chain = certificate, chain
	return l
}

// PrivatePEM is the private key as PKCS #8, for tools that sign with a file.
func (k Key) PrivatePEM() string {
	raw, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		panic("testsign: " + err.Error()) // it is a key we made
	}
	return string(pemBlock("PRIVATE KEY", raw))
}
