package testsign

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/modelfn/modelfn/artifact"
)

// Logged signs with a key, under a certificate or not, and has each signature
// logged. Its fields may be changed to sign in another way, or wrongly.
type Logged struct {
	Sigstore *Sigstore
	// CertifiedBy, when not nil, issues the certificate instead.
	CertifiedBy *Sigstore
	Key         Key
	// Identity is whom Sigstore certifies; nil signs with the key alone, or under
	// Certificate.
	Identity *Identity
	// Certificate is the signer's by another authority, Chain what comes along.
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
	// Issued is the certificate's beginning, At when the signature is logged
	// and timestamped.
	Issued, At time.Time
	// Version of the bundles.
	Version string
	// WithoutPromise leaves out the log's signed time, WithoutProof its
	// inclusion proof, WithoutLog the entry.
	WithoutPromise, WithoutProof, WithoutLog bool
	// WithoutSCT leaves the certificate transparency log's proof out of the
	// certificate.
	WithoutSCT bool
	// WithChain writes the authority's certificates behind the signer's, in
	// versions that have a chain; cosign v3 does so in 0.3 too for an authority
	// that is not Sigstore's.
	WithChain bool
	// Timestamped adds a timestamp authority's time.
	Timestamped bool
	// LogAs, when not nil, is logged instead of what was signed.
	LogAs []byte
}

// Keyless signs as an identity with a key of its own, as cosign does.
func (s *Sigstore) Keyless(id Identity) Logged {
	return Logged{
		Sigstore: s, Key: ECDSA("ephemeral " + id.Issuer + " " + id.Subject), Identity: &id,
		Issued: Then, At: Then.Add(time.Minute), Version: "0.3",
	}
}

// Keyed signs with a key, and logs it.
func (s *Sigstore) Keyed(key Key) Logged {
	return Logged{Sigstore: s, Key: key, Issued: Then, At: Then.Add(time.Minute), Version: "0.3"}
}

// MediaType of the bundles.
func (l Logged) MediaType() string {
	if l.Version < "0.3" {
		return "application/vnd.dev.sigstore.bundle+json;version=" + l.Version
	}
	return "application/vnd.dev.sigstore.bundle.v" + l.Version + "+json"
}

// Bundle is cosign v3's signature of an artifact.
func (l Logged) Bundle(digest artifact.Digest) artifact.Evidence {
	return l.Attestation(digest, SignPredicate)
}

// Attestation says something else about an artifact.
func (l Logged) Attestation(digest artifact.Digest, predicateType string) artifact.Evidence {
	return l.Envelope(InToto, Statement(digest, predicateType))
}

// Envelope is a bundle of any payload under its type.
func (l Logged) Envelope(payloadType string, payload []byte) artifact.Evidence {
	signature := l.Key.SignEnvelope(payloadType, payload)
	envelope := envelopeOf(payloadType, payload, signature)
	return artifact.Evidence{MediaType: l.MediaType(), Data: marshal(map[string]any{
		"mediaType": l.MediaType(), "verificationMaterial": l.material("dsse", l.dsse(envelope, payload, signature), signature), "dsseEnvelope": envelope,
	})}
}

// dsse is the body by which an envelope is logged.
func (l Logged) dsse(envelope, payload, signature []byte) []byte {
	if l.LogAs != nil {
		payload = l.LogAs
	}
	return fmt.Appendf(nil, `{"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":{"algorithm":"sha256","value":"%x"},"payloadHash":{"algorithm":"sha256","value":"%x"},"signatures":[{"signature":%q,"verifier":%q}]}}`,
		sha256.Sum256(envelope), sha256.Sum256(payload), base64.StdEncoding.EncodeToString(signature), base64.StdEncoding.EncodeToString(l.public()))
}

// Blob is a bundle of a signature over a file, as cosign sign-blob makes.
func (l Logged) Blob(content []byte) artifact.Evidence {
	signature := l.Key.Sign(content)
	sum := sha256.Sum256(content)
	return artifact.Evidence{MediaType: l.MediaType(), Data: marshal(map[string]any{
		"mediaType": l.MediaType(), "verificationMaterial": l.material("hashedrekord", l.hashed(content, signature), signature),
		"messageSignature": map[string]any{
			"messageDigest": map[string]any{"algorithm": "SHA2_256", "digest": sum[:]}, "signature": signature,
		},
	})}
}

// Legacy is cosign's legacy signature of an artifact, with what the log and the
// authority said in annotations.
func (l Logged) Legacy(repository string, digest artifact.Digest) artifact.Evidence {
	return l.LegacyOf(Payload(repository, digest))
}

// LegacyOf signs any payload in the legacy format.
func (l Logged) LegacyOf(payload []byte) artifact.Evidence {
	signature := l.Key.Sign(payload)
	e := l.Key.LegacyOf(payload)
	var d descriptor
	if err := json.Unmarshal(e.Data, &d); err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // our own
	}
	maps.Copy(d.Annotations, l.annotations("hashedrekord", l.hashed(payload, signature), signature))
	return artifact.Evidence{MediaType: e.MediaType, Data: marshal(d)}
}

// annotations are what the log and the authorities said, beside legacy evidence.
func (l Logged) annotations(kind string, body, signature []byte) map[string]string {
	out := map[string]string{}
	if l.certified() {
		out["dev.sigstore.cosign/certificate"] = string(l.public())
		out["dev.sigstore.cosign/chain"] = CertificatesPEM(l.chain()...)
	}
	if !l.WithoutLog {
		out["dev.sigstore.cosign/bundle"] = l.Sigstore.annotation(l.Sigstore.enter(kind, body, l.At))
	}
	if l.Timestamped {
		out["dev.sigstore.cosign/rfc3161timestamp"] = string(marshal(map[string]any{"SignedRFC3161Timestamp": l.Sigstore.timestamp(signature, l.At)}))
	}
	return out
}

// hashed is the body by which a signature over bytes is logged.
func (l Logged) hashed(content, signature []byte) []byte {
	if l.LogAs != nil {
		content = l.LogAs
	}
	return fmt.Appendf(nil, `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":"%x"}},"signature":{"content":%q,"publicKey":{"content":%q}}}}`,
		sha256.Sum256(content), base64.StdEncoding.EncodeToString(signature), base64.StdEncoding.EncodeToString(l.public()))
}

// public is the certificate, or without one the key, as PEM.
func (l Logged) public() []byte {
	if !l.certified() {
		return []byte(l.Key.PEM())
	}
	return pemBlock("CERTIFICATE", l.certificate())
}

func (l Logged) certified() bool { return l.Identity != nil || l.Certificate != nil }

// chain are the certificates above the signer's.
func (l Logged) chain() []*x509.Certificate {
	if l.Certificate != nil {
		return l.Chain
	}
	return []*x509.Certificate{l.Sigstore.intermediate, l.Sigstore.root}
}

func (l Logged) certificate() []byte {
	if l.Certificate != nil {
		return l.Certificate.Raw
	}
	return cmp.Or(l.CertifiedBy, l.Sigstore).certificate(l.Key, *l.Identity, l.Issued, !l.WithoutSCT).Raw
}

// material is what a bundle says beside the signature.
func (l Logged) material(kind string, body, signature []byte) map[string]any {
	m := map[string]any{}
	switch {
	case !l.certified():
		m["publicKey"] = map[string]any{"hint": l.Key.hint()}
	case l.Version < "0.3" || l.WithChain:
		chain := []any{map[string]any{"rawBytes": l.certificate()}}
		if l.WithChain {
			for _, c := range l.chain() {
				chain = append(chain, map[string]any{"rawBytes": c.Raw})
			}
		}
		m["x509CertificateChain"] = map[string]any{"certificates": chain}
	default:
		m["certificate"] = map[string]any{"rawBytes": l.certificate()}
	}
	if !l.WithoutLog {
		m["tlogEntries"] = []any{l.Sigstore.transparency(l.Sigstore.enter(kind, body, l.At), !l.WithoutPromise, !l.WithoutProof)}
	}
	if l.Timestamped {
		m["timestampVerificationData"] = map[string]any{"rfc3161Timestamps": []any{map[string]any{
			"signedTimestamp": l.Sigstore.timestamp(signature, l.At),
		}}}
	}
	return m
}
