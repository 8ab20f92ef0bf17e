package testsign

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// Identity is whom a certificate is made out to. An empty SourceRepository
// leaves the extension out, as issuers do that know of no repository.
type Identity struct{ Issuer, Subject, SourceRepository string }

// certificate is what Fulcio makes: for one key and identity, for ten minutes,
// with the proof of a certificate transparency log in it where promised.
func (s *Sigstore) certificate(key Key, of Identity, at time.Time, promised bool) *x509.Certificate {
	subject, err := url.Parse(of.Subject)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // a test's own text
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(key.id()[:8]), NotBefore: at, NotAfter: at.Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		URIs: []*url.URL{subject}, ExtraExtensions: []pkix.Extension{
			// The issuer stands there twice: legacy signatures are read by the older
			// extension, which is no DER.
			{Id: fulcio(1, "").Id, Value: []byte(of.Issuer)}, fulcio(8, of.Issuer),
		},
	}
	if of.SourceRepository != "" {
		template.ExtraExtensions = append(template.ExtraExtensions, fulcio(12, of.SourceRepository))
	}
	if !promised {
		return issue(template, s.intermediate, key, s.intermediateKey)
	}
	before := issue(template, s.intermediate, key, s.intermediateKey)
	template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: der(s.promise(before, at)),
	})
	return issue(template, s.intermediate, key, s.intermediateKey)
}

// fulcio is one of Fulcio's extensions.
func fulcio(number int, value string) pkix.Extension {
	raw, err := asn1.MarshalWithParams(value, "utf8")
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err))
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, number}, Value: raw}
}

// promise is a list of one signed certificate timestamp (RFC 6962, 3.2 and 3.3).
func (s *Sigstore) promise(before *x509.Certificate, at time.Time) []byte {
	issuer := sha256.Sum256(s.intermediate.RawSubjectPublicKeyInfo)
	stamp := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))
	n := len(before.RawTBSCertificate)

	signed := append([]byte{0, 0}, stamp...)
	signed = append(signed, 0, 1)
	signed = append(signed, issuer[:]...)
	signed = append(signed, byte(n>>16), byte(n>>8), byte(n))
	signed = append(signed, before.RawTBSCertificate...)
	signed = append(signed, 0, 0)
	signature := s.ct.Sign(signed)

	sct := append([]byte{0}, s.ct.id()...)
	sct = append(sct, stamp...)
	sct = append(sct, 0, 0, 4, 3) // no extensions; SHA-256, ECDSA
	sct = binary.BigEndian.AppendUint16(sct, uint16(len(signature)))
	sct = append(sct, signature...)
	list := binary.BigEndian.AppendUint16(nil, uint16(len(sct)+2))
	list = binary.BigEndian.AppendUint16(list, uint16(len(sct)))
	return append(list, sct...)
}

func der(value any) []byte {
	raw, err := asn1.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // values of this package only
	}
	return raw
}
