package trust

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/artifact"
)

const (
	legacySignature = "dev.cosignproject.cosign/signature"
	legacyType      = "cosign container image signature"
)

// simpleSigning is the signed payload of a legacy signature.
type simpleSigning struct {
	Critical struct {
		Identity struct {
			DockerReference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			DockerManifestDigest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
}

// checkLegacy verifies the signature over the payload first, and only then
// reads the payload: it must name this digest and, which cosign itself does not
// check, this repository.
func (r *Rule) checkLegacy(a artifact.Artifact, e artifact.Evidence) ([]string, error) {
	l, err := e.Legacy()
	if err != nil {
		return nil, err
	}
	text := l.Annotations[legacySignature]
	sig, err := base64.StdEncoding.DecodeString(text)
	// Decoding ignores line breaks, and stray bits unless told: one signature
	// has one spelling here.
	if err != nil || len(sig) == 0 || base64.StdEncoding.EncodeToString(sig) != text {
		return nil, fmt.Errorf("legacy signature: annotation %s is no canonical base64", legacySignature)
	}
	var ids []string
	for _, authority := range r.Authorities {
		if authority.key.verifier.VerifySignature(bytes.NewReader(sig), bytes.NewReader(l.Payload)) == nil {
			ids = append(ids, authority.key.id)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("legacy signature: made by no authority of %s", r.Path)
	}
	var p simpleSigning
	if err := json.Unmarshal(l.Payload, &p); err != nil {
		return nil, fmt.Errorf("legacy signature: payload: %w", err)
	}
	if p.Critical.Type != legacyType {
		return nil, fmt.Errorf("legacy signature: payload of type %q is no image signature", p.Critical.Type)
	}
	if got := p.Critical.Image.DockerManifestDigest; got != string(a.Digest()) {
		return nil, fmt.Errorf("legacy signature: it is about another digest, %s", got)
	}
	if got := p.Critical.Identity.DockerReference; r.bindRepository && !sameRepository(got, a.Repository()) {
		return nil, fmt.Errorf("legacy signature: it is about another repository, %q (repositoryBinding: Ignored allows that for mirrors)", got)
	}
	return ids, nil
}

// sameRepository compares in go-containerregistry's form, in which cosign
// writes names (docker.io is index.docker.io there).
func sameRepository(signed, ours string) bool {
	// The signed text may carry the tag that was signed.
	ref, err := name.ParseReference(signed)
	if err != nil {
		return false
	}
	repo, err := name.NewRepository(ours)
	return err == nil && ref.Context().Name() == repo.Name()
}
