package trust

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
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
	Optional map[string]any `json:"optional"`
}

// legacy is a legacy signature: parsed, and not believed.
type legacy struct {
	artifact.Legacy
	signature []byte
	// read takes what the payload says, once its signature holds.
	read func(payload []byte) (statement, error)
}

func (legacy) claimed() string { return SignPredicate }

// readLegacy opens a legacy signature or attestation.
func (r *Rule) readLegacy(a artifact.Artifact, e artifact.Evidence) (claim, error) {
	l, err := e.Legacy()
	if err != nil {
		return nil, err
	}
	if l.Attestation {
		return readLegacyAttestation(a, l)
	}
	text := l.Annotations[legacySignature]
	sig, err := base64.StdEncoding.DecodeString(text)
	// Decoding ignores line breaks, and stray bits unless told: one signature
	// has one spelling here.
	if err != nil || len(sig) == 0 || base64.StdEncoding.EncodeToString(sig) != text {
		return nil, fmt.Errorf("annotation %s is no canonical base64", legacySignature)
	}
	return legacy{l, sig, func(payload []byte) (statement, error) { return r.readPayload(a, payload) }}, nil
}

// errOtherKey: a legacy signature says nothing about which key made it.
var errOtherKey = errors.New("another key made it")

// byKey verifies the signature over the payload, and only then reads it.
func (l legacy) byKey(k key, r *trustedRoot) (proof, error) {
	if r != nil {
		s, err := l.sealed(false, true)
		if err != nil {
			return proof{}, err
		}
		return s.byKey(k, r)
	}
	k, hash := k.noting()
	if k.verifier.VerifySignature(bytes.NewReader(l.signature), bytes.NewReader(l.Payload)) != nil {
		return proof{}, errOtherKey
	}
	p := proof{signer: signer{key: k.id}, hash: *hash}
	p.says, p.void = l.read(l.Payload)
	return p, nil
}

func (l legacy) byCertificate(r *trustedRoot) (proof, error) {
	s, err := l.sealed(true, !r.unlogged)
	if err != nil {
		return proof{}, err
	}
	return s.byCertificate(r)
}

// readPayload takes what a signed payload says: it must be about this digest and,
// which cosign itself does not check, this repository.
func (r *Rule) readPayload(a artifact.Artifact, payload []byte) (statement, error) {
	var p simpleSigning
	if err := json.Unmarshal(payload, &p); err != nil {
		return statement{}, fmt.Errorf("payload: %w", err)
	}
	if p.Critical.Type != legacyType {
		return statement{}, fmt.Errorf("payload of type %q is no image signature", p.Critical.Type)
	}
	if got := p.Critical.Image.DockerManifestDigest; got != string(a.Digest()) {
		return statement{}, fmt.Errorf("it is about another digest, %s", got)
	}
	name := p.Critical.Identity.DockerReference
	if r.bindRepository && !sameRepository(name, a.Repository()) {
		return statement{}, fmt.Errorf("it is about another repository, %q (repositoryBinding: Ignored allows that for mirrors)", name)
	}
	return statement{releases: true, predicateType: SignPredicate, names: []string{name}, annotations: texts(p.Optional)}, nil
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
