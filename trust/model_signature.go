package trust

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

const (
	// modelSignature is the predicate type of OpenSSF Model Signing v1.0: a
	// signature over the files of a model, wherever they are stored.
	modelSignature = "https://model_signing/signature/v1.0"
	statementV1    = "https://in-toto.io/Statement/v1"
)

// isModelSignature peeks at what a bundle says it is. Nothing follows from that
// but how it is read: what is verified has to say so again.
func isModelSignature(e artifact.Evidence) bool {
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	var statement struct {
		PredicateType string `json:"predicateType"`
	}
	return e.IsBundle() && json.Unmarshal(e.Data, &b) == nil &&
		json.Unmarshal(b.Envelope.Payload, &statement) == nil && statement.PredicateType == modelSignature
}

// checkModelSignature verifies a signature over files, by the path of all
// bundles, and that they are the artifact's.
func (r *Rule) checkModelSignature(a artifact.Artifact, e artifact.Evidence) ([]vote, error) {
	b, err := openBundle(artifact.Evidence{MediaType: e.MediaType, Data: hinted(e.Data)})
	if err != nil {
		return nil, err
	}
	signed, err := readSigned(b)
	if err != nil {
		return nil, err
	}
	root, err := signed.root()
	if err != nil {
		return nil, err
	}
	votes, err := ask(r.Authorities, a.Digest(), sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return verify.WithArtifactDigest("sha256", root) },
		void: func(result *verify.VerificationResult) error {
			if err := noModelSignature(result); err != nil {
				return err
			}
			return signed.cover(a, e.Digest())
		},
	}, ModelSigning)
	if err != nil {
		return nil, err
	}
	return r.standing(votes, rootDigest(root))
}

// noModelSignature says why a verified statement is not about the files of one
// model.
func noModelSignature(result *verify.VerificationResult) error {
	s := result.Statement
	switch {
	case s.GetType() != statementV1:
		return fmt.Errorf("a statement of type %q, want %q", s.GetType(), statementV1)
	case s.GetPredicateType() != modelSignature:
		return fmt.Errorf("an attestation of type %q is no signature", s.GetPredicateType())
	case len(s.GetSubject()) != 1:
		return fmt.Errorf("it is about %d models, want one", len(s.GetSubject()))
	}
	return nil
}

// standing leaves out authorities that have revoked the files: whoever can push
// can pack them once more, under another digest.
func (r *Rule) standing(votes []vote, root artifact.Digest) ([]vote, error) {
	left := slices.DeleteFunc(slices.Clone(votes), func(v vote) bool { return r.Authorities[v.authority].revoked[root] })
	if len(left) == 0 {
		return nil, fmt.Errorf("%s has revoked the files with the digest %s", r.Authorities[votes[0].authority].Name, root)
	}
	return left, nil
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
