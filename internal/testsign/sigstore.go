package testsign

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// Then is when everything here is signed: long ago, so that a verifier that
// looks at its own clock finds every certificate expired.
var Then = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// lifetime is how long a signer's certificate lasts, as Fulcio's do.
const lifetime = 10 * time.Minute

// Sigstore is a small Sigstore of our own: a certificate authority like Fulcio,
// a certificate transparency log, a transparency log like Rekor v1, and a
// timestamp authority. Verifiers accept it by its TrustedRoot.
type Sigstore struct {
	name                      string
	root, intermediate        *x509.Certificate
	intermediateKey, ct, log  Key
	timestampKey              Key
	timestamper, timestampTop *x509.Certificate
}

// NewSigstore is the Sigstore of that name.
func NewSigstore(name string) *Sigstore {
	rootKey, timestampRoot := ECDSA(name+" root"), ECDSA(name+" timestamp root")
	s := &Sigstore{
		name: name, intermediateKey: ECDSA(name + " intermediate"),
		ct: ECDSA(name + " ct"), log: ECDSA(name + " log"), timestampKey: ECDSA(name + " timestamp"),
	}
	s.root = issue(authority(name+" root", 1), nil, rootKey, rootKey)
	second := authority(name+" intermediate", 2)
	second.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
	s.intermediate = issue(second, s.root, s.intermediateKey, rootKey)

	s.timestampTop = issue(authority(name+" timestamp root", 3), nil, timestampRoot, timestampRoot)
	leaf := authority(name+" timestamp", 4)
	leaf.IsCA, leaf.BasicConstraintsValid = false, false
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	// RFC 3161 wants this usage alone, and critical, which CreateCertificate
	// does not do by itself.
	leaf.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 37}, Critical: true, Value: der([]any{timeStamping})}}
	s.timestamper = issue(leaf, s.timestampTop, s.timestampKey, timestampRoot)
	return s
}

// authority is a certificate authority that outlives all tests.
func authority(name string, serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"sigstore.test"}},
		NotBefore: Then.AddDate(-1, 0, 0), NotAfter: Then.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
	}
}

// issue signs a certificate; without a parent, itself.
func issue(template, parent *x509.Certificate, subject, issuer Key) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	raw, err := x509.CreateCertificate(nil, template, parent, subject.private.Public(), issuer.private)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // templates of this package only
	}
	return parsed(raw)
}

func parsed(raw []byte) *x509.Certificate {
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err))
	}
	return c
}

// TrustedRoot is what verifiers need to know, as the JSON of a
// trusted_root.json.
func (s *Sigstore) TrustedRoot() string {
	return string(marshal(map[string]any{
		"mediaType":              "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"tlogs":                  []any{s.instance("log", s.log)},
		"ctlogs":                 []any{s.instance("ct", s.ct)},
		"certificateAuthorities": []any{s.chain("fulcio", s.intermediate, s.root)},
		"timestampAuthorities":   []any{s.chain("timestamp", s.timestamper, s.timestampTop)},
	}))
}

// AuthorityPEM are the certificates of the one like Fulcio.
func (s *Sigstore) AuthorityPEM() string { return CertificatesPEM(s.intermediate, s.root) }

// instance describes a log.
func (s *Sigstore) instance(service string, key Key) map[string]any {
	return map[string]any{
		"baseUrl": "https://" + service + "." + s.name + ".test", "hashAlgorithm": "SHA2_256",
		"logId": map[string]any{"keyId": key.id()},
		"publicKey": map[string]any{
			"rawBytes": key.der(), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": s.validFor(),
		},
	}
}

// chain describes an authority by its certificates, its root last.
func (s *Sigstore) chain(service string, certificates ...*x509.Certificate) map[string]any {
	var list []any
	for _, c := range certificates {
		list = append(list, map[string]any{"rawBytes": c.Raw})
	}
	return map[string]any{
		"subject": map[string]any{"organization": "sigstore.test", "commonName": service},
		"uri":     "https://" + service + "." + s.name + ".test",
		"certChain": map[string]any{
			"certificates": list,
		},
		"validFor": s.validFor(),
	}
}

func (s *Sigstore) validFor() map[string]any {
	return map[string]any{"start": s.root.NotBefore.Format(time.RFC3339)}
}

// id is the hash of the public key: a log's name.
func (k Key) id() []byte {
	sum := sha256.Sum256(k.der())
	return sum[:]
}

func pemBlock(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}
