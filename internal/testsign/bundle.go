package testsign

import (
	"fmt"

	"github.com/modelfn/modelfn/artifact"
)

const (
	// TypeBundle is the media type of the bundles made here, as cosign v3 does.
	TypeBundle = "application/vnd.dev.sigstore.bundle.v0.3+json"
	// SignPredicate is the predicate type that makes a statement a signature.
	SignPredicate = "https://sigstore.dev/cosign/sign/v1"
	// InToto is the payload type of statements.
	InToto = "application/vnd.in-toto+json"
)

// Statement is an in-toto statement about an artifact.
func Statement(digest artifact.Digest, predicateType string) []byte {
	return fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v1", "subject":[{"digest":{"sha256":%q}, "annotations":{}}], "predicateType":%q, "predicate":{}}`, digest.Hex(), predicateType)
}

// Bundle is cosign v3's signature of an artifact.
func (k Key) Bundle(digest artifact.Digest) artifact.Evidence {
	return k.Attestation(digest, SignPredicate)
}

// Attestation is a bundle that says something else about an artifact.
func (k Key) Attestation(digest artifact.Digest, predicateType string) artifact.Evidence {
	return Envelope(k.hint(), InToto, Statement(digest, predicateType), k.SignEnvelope(InToto, Statement(digest, predicateType)))
}

// SignEnvelope signs a payload under its type, as DSSE demands.
func (k Key) SignEnvelope(payloadType string, payload []byte) []byte {
	return k.Sign(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload))
}

// Envelope is a bundle of any payload with any signatures.
func Envelope(hint, payloadType string, payload []byte, signatures ...[]byte) artifact.Evidence {
	type sig struct {
		Sig []byte `json:"sig"`
	}
	type envelope struct {
		Payload     []byte `json:"payload"`
		PayloadType string `json:"payloadType"`
		Signatures  []sig  `json:"signatures"`
	}
	type bundle struct {
		MediaType            string                       `json:"mediaType"`
		VerificationMaterial map[string]map[string]string `json:"verificationMaterial"`
		DSSEEnvelope         envelope                     `json:"dsseEnvelope"`
	}
	b := bundle{
		MediaType:            TypeBundle,
		VerificationMaterial: map[string]map[string]string{"publicKey": {"hint": hint}},
		DSSEEnvelope:         envelope{Payload: payload, PayloadType: payloadType},
	}
	for _, s := range signatures {
		b.DSSEEnvelope.Signatures = append(b.DSSEEnvelope.Signatures, sig{s})
	}
	return artifact.Evidence{MediaType: TypeBundle, Data: marshal(b)}
}
