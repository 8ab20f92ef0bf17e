package trust

import (
	"encoding/hex"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// readBundle opens a Sigstore bundle that was attached to an artifact.
func readBundle(a artifact.Artifact, e artifact.Evidence) (claim, error) {
	b, err := parseBundle(e.Data)
	if err != nil {
		return nil, err
	}
	if b.MediaType != e.MediaType {
		return nil, fmt.Errorf("stored as %q, it says %q", e.MediaType, b.MediaType)
	}
	raw, err := hex.DecodeString(a.Digest().Hex())
	if err != nil {
		return nil, err
	}
	return sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", raw) },
		read: func(result *verify.VerificationResult) (statement, error) {
			return readStatement(result, a.Digest())
		},
	}, nil
}
