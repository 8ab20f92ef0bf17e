package trust

import (
	"encoding/hex"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// SignPredicate is the predicate type by which cosign marks a signature; other
// types are attestations, which say something about an artifact but do not
// release it. cosign itself takes any attestation by the key for a signature.
const SignPredicate = "https://sigstore.dev/cosign/sign/v1"

// readBundle opens a Sigstore bundle that was attached to an artifact.
func readBundle(a artifact.Artifact, e artifact.Evidence) (claim, error) {
	b, err := openBundle(e)
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(a.Digest().Hex())
	if err != nil {
		return nil, err
	}
	return sealed{bundle: b, about: func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", raw) }, void: noSignature}, nil
}

// openBundle parses a bundle of the type that it is stored under.
func openBundle(e artifact.Evidence) (*bundle.Bundle, error) {
	b, err := parseBundle(e.Data)
	if err == nil && b.MediaType != e.MediaType {
		err = fmt.Errorf("stored as %q, it says %q", e.MediaType, b.MediaType)
	}
	return b, err
}

// noSignature says why a verified bundle is no signature of an artifact.
func noSignature(result *verify.VerificationResult) error {
	if result.Statement == nil {
		return fmt.Errorf("it holds no in-toto statement")
	}
	if got := result.Statement.GetPredicateType(); got != SignPredicate {
		return fmt.Errorf("an attestation of type %q is no signature", got)
	}
	return nil
}
