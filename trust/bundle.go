package trust

import (
	"bytes"
	"crypto/x509"
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

// parseBundle parses a bundle, once it is known to be harmless.
func parseBundle(data []byte) (*bundle.Bundle, error) {
	if err := checkOutline(data); err != nil {
		return nil, err
	}
	b := new(bundle.Bundle)
	if err := b.UnmarshalJSON(data); err != nil {
		var ok bool
		if b, ok = chained(data); !ok {
			return nil, err
		}
	}
	// Beyond the first certificate nothing of a chain is read, since whom to
	// believe is in the trusted root; one that brings its own root is refused, as
	// the bundle's specification says.
	chain := b.VerificationMaterial.GetX509CertificateChain().GetCertificates()
	for i := 1; i < len(chain); i++ {
		above, err := x509.ParseCertificate(chain[i].GetRawBytes())
		if err != nil {
			return nil, fmt.Errorf("certificate chain: %w", err)
		}
		if bytes.Equal(above.RawIssuer, above.RawSubject) {
			return nil, fmt.Errorf("certificate chain: it holds a root certificate")
		}
	}
	return b, nil
}
