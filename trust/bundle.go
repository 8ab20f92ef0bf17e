package trust

import (
	"encoding/hex"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// readBundle opens a Sigstore bundle that was attached to an artifact.
func readBundle(a artifact.Artifact, e artifact.Evidence) (opened, error) {
	b, err := openBundle(e)
	if err != nil {
		return opened{}, err
	}
	payload := b.GetDsseEnvelope().GetPayload()
	if claimedType(payload) == modelSignature {
		return readModelSignature(a, e, b)
	}
	if err := checkValues(payload); err != nil {
		return opened{}, err
	}
	raw, err := hex.DecodeString(a.Digest().Hex())
	if err != nil {
		return opened{}, err
	}
	return opened{claim: sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", raw) },
		read: func(result *verify.VerificationResult) (statement, error) {
			return readStatement(result, payload, a.Digest())
		},
	}, format: Bundle}, nil
}

// openBundle parses a bundle of the type that it is stored under.
func openBundle(e artifact.Evidence) (*bundle.Bundle, error) {
	b, err := parseBundle(e.Data)
	if err != nil {
		if old := parseHinted(e.Data); old != nil {
			b, err = old, nil
		}
	}
	if err == nil && b.MediaType != e.MediaType {
		err = fmt.Errorf("stored as %q, it says %q", e.MediaType, b.MediaType)
	}
	return b, err
}
