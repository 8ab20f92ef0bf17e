package trust

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// legacyAttestation is an attestation under the .att tag: a DSSE envelope whose
// certificate and log entry stand in annotations. It is verified as the bundle
// that says the same.
type legacyAttestation struct {
	artifact.Legacy
	payload []byte // of the envelope
	about   artifact.Digest
	digest  []byte
}

func readLegacyAttestation(a artifact.Artifact, l artifact.Legacy) (claim, error) {
	var envelope struct {
		Payload []byte `json:"payload"`
	}
	if err := json.Unmarshal(l.Payload, &envelope); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	if err := checkValues(envelope.Payload); err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(a.Digest().Hex())
	return legacyAttestation{l, envelope.Payload, a.Digest(), raw}, err
}

func (l legacyAttestation) claimed() string { return claimedType(l.payload) }

func (l legacyAttestation) byKey(k key, r *trustedRoot) (proof, error) {
	s, err := l.sealed(false, r != nil)
	if err != nil {
		return proof{}, err
	}
	return s.byKey(k, r)
}

func (l legacyAttestation) byCertificate(r *trustedRoot) (proof, error) {
	s, err := l.sealed(true, !r.unlogged)
	if err != nil {
		return proof{}, err
	}
	return s.byCertificate(r)
}

func (l legacyAttestation) sealed(certified, logged bool) (sealed, error) {
	b, err := asBundle(l.Annotations, certified, logged, "dsseEnvelope", json.RawMessage(l.Payload))
	// Decoders differ about a field that is there twice.
	if err == nil && !bytes.Equal(b.GetDsseEnvelope().GetPayload(), l.payload) {
		err = fmt.Errorf("%w: its envelope has no one payload", errUnverified)
	}
	return sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", l.digest) },
		read: func(result *verify.VerificationResult) (statement, error) {
			return readStatement(result, l.payload, l.about)
		},
	}, err
}
