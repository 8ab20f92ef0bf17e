package trust

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// SignPredicate is the predicate type by which cosign marks a signature; other
// types are attestations, which say something about an artifact but do not
// release it. cosign itself takes any attestation by the key for a signature.
const SignPredicate = "https://sigstore.dev/cosign/sign/v1"

// checkBundle verifies a Sigstore bundle with each authority's key.
func (r *Rule) checkBundle(a artifact.Artifact, e artifact.Evidence) ([]string, error) {
	var b bundle.Bundle
	if err := b.UnmarshalJSON(e.Data); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if b.MediaType != e.MediaType {
		return nil, fmt.Errorf("bundle: stored as %q, it says %q", e.MediaType, b.MediaType)
	}
	var ids []string
	var reason error
	for _, authority := range r.Authorities {
		err := authority.key.checkBundle(&b, a.Digest())
		switch {
		case err == nil:
			ids = append(ids, authority.key.id)
		case reason == nil || errors.Is(reason, errUnverified):
			// What an authority did sign says more than who did not.
			reason = err
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("bundle: %w", reason)
	}
	return ids, nil
}

// errUnverified: the bundle does not hold for this key and digest.
var errUnverified = errors.New("no authority's key verifies it")

func (k key) checkBundle(b *bundle.Bundle, digest artifact.Digest) error {
	raw, err := hex.DecodeString(digest.Hex())
	if err != nil {
		return err
	}
	// The bundle's key hint is not believed: only this key can verify it.
	material := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return timeless{k.verifier}, nil
	})
	verifier, err := verify.NewVerifier(material, verify.WithNoObserverTimestamps())
	if err != nil {
		return err
	}
	result, err := verifier.Verify(b, verify.NewPolicy(verify.WithArtifactDigest("sha256", raw), verify.WithKey()))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnverified, err)
	}
	if result.Statement == nil {
		return fmt.Errorf("it holds no in-toto statement")
	}
	if got := result.Statement.GetPredicateType(); got != SignPredicate {
		return fmt.Errorf("an attestation of type %q is no signature", got)
	}
	return nil
}
