package trust

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// modelSignature is the predicate type of OpenSSF Model Signing v1.0: a
// signature over the files of a model, wherever they are stored.
const modelSignature = "https://model_signing/signature/v1.0"

// readModelSignature opens a signature over files. It is verified as any bundle
// is, and speaks about the artifact if those are its files.
func readModelSignature(a artifact.Artifact, e artifact.Evidence, b *bundle.Bundle) (opened, error) {
	signed, err := readSigned(b)
	if err != nil {
		return opened{}, err
	}
	root, err := signed.root()
	if err != nil {
		return opened{}, err
	}
	return opened{
		claim: sealed{
			bundle: b,
			about:  func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", root) },
			read: func(result *verify.VerificationResult) (statement, error) {
				if err := noModelSignature(result); err != nil {
					return statement{}, err
				}
				return statement{predicateType: modelSignature, releases: true}, signed.cover(a, e.Digest())
			},
		},
		format: ModelSigning,
		// Whoever can push can pack revoked files once more, under another digest.
		also: []artifact.Digest{rootDigest(root)},
	}, nil
}

// noModelSignature says why a verified statement is not about the files of one
// model.
func noModelSignature(result *verify.VerificationResult) error {
	s := result.Statement
	switch {
	case s.GetType() != statementTypes[0]:
		return fmt.Errorf("a statement of type %q, want %q", s.GetType(), statementTypes[0])
	case s.GetPredicateType() != modelSignature:
		return fmt.Errorf("an attestation of type %q is no signature", s.GetPredicateType())
	case len(s.GetSubject()) != 1:
		return fmt.Errorf("it is about %d models, want one", len(s.GetSubject()))
	}
	return nil
}

// parseHinted parses a bundle of model-signing before v1.1; nil if it is none.
func parseHinted(data []byte) *bundle.Bundle {
	b, err := parseBundle(hinted(data))
	if err != nil || claimedType(b.GetDsseEnvelope().GetPayload()) != modelSignature {
		return nil
	}
	return b
}

// hinted replaces the key that stands in bundles of model-signing before v1.1,
// for which the format has no field, by the hint that belongs there. Neither is
// believed: an authority's own key verifies.
func hinted(data []byte) []byte {
	var b, material, key map[string]json.RawMessage
	if json.Unmarshal(data, &b) != nil || json.Unmarshal(b["verificationMaterial"], &material) != nil ||
		json.Unmarshal(material["publicKey"], &key) != nil || key["rawBytes"] == nil {
		return data
	}
	material["publicKey"] = json.RawMessage(`{"hint":""}`)
	raw, err := json.Marshal(material)
	if err != nil {
		return data
	}
	b["verificationMaterial"] = raw
	if raw, err = json.Marshal(b); err != nil {
		return data
	}
	return raw
}

// maxCommas bounds what is decoded before its signature holds: an empty resource
// takes three bytes and a hundred times as much in memory. It is enough for as
// many files as an artifact can have layers.
const maxCommas = 8 * 2048

// readSigned reads which files a bundle says it signs.
func readSigned(b *bundle.Bundle) (signedFiles, error) {
	payload := b.GetDsseEnvelope().GetPayload()
	if n := bytes.Count(payload, []byte(",")); n > maxCommas {
		return signedFiles{}, fmt.Errorf("it lists more files than an artifact can have")
	}
	var s struct {
		Predicate signedFiles `json:"predicate"`
	}
	err := json.Unmarshal(payload, &s)
	return s.Predicate, err
}
