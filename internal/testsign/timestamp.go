package testsign

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

var (
	timeStamping    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidSHA256       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSA        = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidSignedData   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTimestamp    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidSigningTime  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidDigest       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidPolicy       = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2}
	algorithmSHA256 = pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
)

// timestamp is the answer of a timestamp authority about a signature (RFC 3161).
func (s *Sigstore) timestamp(signature []byte, at time.Time) []byte {
	sum := sha256.Sum256(signature)
	return s.stamp(sum[:], nil, at)
}

// TimestampServer answers clients of a timestamp authority, as if it always were
// that time. Tools whose own signatures are to be judged ask it.
func (s *Sigstore) TimestampServer(t testing.TB, at time.Time) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		var asked timestampRequest
		if err == nil {
			_, err = asn1.Unmarshal(raw, &asked)
		}
		if err != nil || !asked.Imprint.Algorithm.Algorithm.Equal(oidSHA256) {
			http.Error(w, "want a request over SHA-256", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(s.stamp(asked.Imprint.Hash, asked.Nonce, at)) // the client's loss
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// timestampRequest is RFC 3161, 2.4.1.
type timestampRequest struct {
	Version int
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	Policy       asn1.ObjectIdentifier `asn1:"optional"`
	Nonce        *big.Int              `asn1:"optional"`
	Certificates bool                  `asn1:"optional"`
}

// stamp is the answer about a hash, with the asker's nonce where there is one.
func (s *Sigstore) stamp(sum []byte, nonce *big.Int, at time.Time) []byte {
	info := der(struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint struct {
			Algorithm pkix.AlgorithmIdentifier
			Hash      []byte
		}
		Serial *big.Int
		Time   time.Time `asn1:"generalized"`
		Nonce  *big.Int  `asn1:"optional"`
	}{1, oidPolicy, struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}{algorithmSHA256, sum}, big.NewInt(1), at.UTC(), nonce})

	digest := sha256.Sum256(info)
	attributes := attribute(oidContentType, der(oidTimestamp))
	// cosign v2 looks at its own clock where this one is missing.
	attributes = append(attributes, attribute(oidSigningTime, der(at.UTC()))...)
	attributes = append(attributes, attribute(oidDigest, der(digest[:]))...)
	signer := der(struct {
		Version    int
		Issuer     any
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue
		Algorithm  pkix.AlgorithmIdentifier
		Signature  []byte
	}{
		1, struct {
			Name   asn1.RawValue
			Serial *big.Int
		}{asn1.RawValue{FullBytes: s.timestamper.RawIssuer}, s.timestamper.SerialNumber},
		algorithmSHA256, tagged(0, attributes), pkix.AlgorithmIdentifier{Algorithm: oidECDSA},
		// What is signed is a SET, whatever stands in its place above.
		s.timestampKey.Sign(set(attributes)),
	})
	data := der(struct {
		Version int
		Digests asn1.RawValue
		Content any
		Signers asn1.RawValue
	}{
		3, asn1.RawValue{FullBytes: set(der(algorithmSHA256))},
		struct {
			Type    asn1.ObjectIdentifier
			Content asn1.RawValue
		}{oidTimestamp, tagged(0, der(info))},
		asn1.RawValue{FullBytes: set(signer)},
	})
	return der(struct {
		Status struct{ Status int }
		Token  any
	}{Token: struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, tagged(0, data)}})
}

// attribute is a signed attribute with one value.
func attribute(id asn1.ObjectIdentifier, value []byte) []byte {
	return der(struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue
	}{id, asn1.RawValue{FullBytes: set(value)}})
}

func set(content []byte) []byte {
	return der(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: content})
}

func tagged(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content}
}
