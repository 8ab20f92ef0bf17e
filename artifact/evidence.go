package artifact

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Evidence is a signature or attestation as it was found: bytes and what kind
// of bytes they are. Nothing about it is believed before package trust has
// verified it.
type Evidence struct {
	MediaType string
	Data      []byte
	// packed is how a lock holds Data, where it comes from one. It goes back as
	// it is, whatever compressor wrote it: a lock changes only with its content.
	// Other Data is another Evidence.
	packed []byte
}

const (
	// TypeBundle is the media type prefix of Sigstore bundles; the version
	// follows.
	TypeBundle = "application/vnd.dev.sigstore.bundle"
	// TypeLegacy marks a legacy cosign signature or attestation: Data is the OCI
	// descriptor of its layer in the .sig or .att manifest, annotations included,
	// with the payload embedded in the descriptor's standard "data" field.
	TypeLegacy = "application/vnd.oci.descriptor.v1+json"
	// typeSimpleSigning is the media type of a legacy signature's payload.
	typeSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json"
	// typeEnvelope is that of a legacy attestation's: a DSSE envelope.
	typeEnvelope = "application/vnd.dsse.envelope.v1+json"
)

// Digest of the bytes.
func (e Evidence) Digest() Digest { return DigestOf(e.Data) }

// Blob is the digest by which a registry stores the evidence: of legacy evidence
// the payload's.
func (e Evidence) Blob() Digest {
	if l, err := e.Legacy(); e.MediaType == TypeLegacy && err == nil {
		return DigestOf(l.Payload)
	}
	return e.Digest()
}

// Legacy is a legacy cosign signature or attestation.
type Legacy struct {
	// Payload is what was signed, or of an attestation the DSSE envelope around
	// that.
	Payload     []byte
	Attestation bool
	Annotations map[string]string
}

// Legacy reads Data of a TypeLegacy evidence.
func (e Evidence) Legacy() (Legacy, error) {
	var d descriptor
	if err := json.Unmarshal(e.Data, &d); err != nil {
		return Legacy{}, fmt.Errorf("legacy signature: %w", err)
	}
	if d.MediaType != typeSimpleSigning && d.MediaType != typeEnvelope || string(DigestOf(d.Data)) != d.Digest || int64(len(d.Data)) != d.Size {
		return Legacy{}, fmt.Errorf("legacy signature: payload and descriptor differ")
	}
	return Legacy{Payload: d.Data, Attestation: d.MediaType == typeEnvelope, Annotations: d.Annotations}, nil
}

// newLegacy makes evidence of a .sig or .att manifest's layer and its blob, with what
// cosign writes and nothing else: anybody with push rights can add to it without
// touching the signature.
func newLegacy(layer descriptor, payload []byte) (Evidence, error) {
	kept := descriptor{MediaType: layer.MediaType, Digest: layer.Digest, Size: layer.Size, Data: payload}
	for _, key := range []string{"dev.cosignproject.cosign/signature", "dev.sigstore.cosign/certificate", "dev.sigstore.cosign/chain", "dev.sigstore.cosign/bundle", "dev.sigstore.cosign/rfc3161timestamp"} {
		if value, ok := layer.Annotations[key]; ok {
			if kept.Annotations == nil {
				kept.Annotations = map[string]string{}
			}
			kept.Annotations[key] = value
		}
	}
	data, err := json.Marshal(kept)
	if err == nil && len(data) > maxEvidence {
		err = fmt.Errorf("legacy signature of %d bytes, at most %d are read", len(data), maxEvidence)
	}
	return Evidence{MediaType: TypeLegacy, Data: data}, err
}

// IsBundle tells whether the media type is a Sigstore bundle's.
func (e Evidence) IsBundle() bool { return strings.HasPrefix(e.MediaType, TypeBundle) }

// sortEvidence orders by media type and digest, without repeats, so that a
// registry's order shows nowhere.
func sortEvidence(list []Evidence) []Evidence {
	slices.SortFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.MediaType, b.MediaType), cmp.Compare(a.Digest(), b.Digest()))
	})
	return slices.CompactFunc(list, func(a, b Evidence) bool {
		return a.MediaType == b.MediaType && a.Digest() == b.Digest()
	})
}

// expectedPayload is the payload that cosign signs when it is told nothing else,
// if that is what the digest names; else nil. Knowing it saves a request for
// each model.
func expectedPayload(a Artifact, digest string) []byte {
	repository, err := name.NewRepository(a.Repository())
	if err != nil {
		return nil
	}
	payload := []byte(`{"critical":{"identity":{"docker-reference":"` + repository.Name() +
		`"},"image":{"docker-manifest-digest":"` + string(a.digest) +
		`"},"type":"cosign container image signature"},"optional":null}`)
	if string(DigestOf(payload)) != digest {
		return nil
	}
	return payload
}
