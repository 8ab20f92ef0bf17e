package v1alpha1

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// ModelLock is what `modelfn lock` resolved for one ModelDeployment, with the
// evidence. It is not trusted: each render derives and verifies it again.
type ModelLock struct {
	TypeMeta `json:",inline"`
	Metadata ObjectMeta    `json:"metadata"`
	Spec     ModelLockSpec `json:"spec"`
}

// ModelLockSpec is the content of a lock, file or inline.
type ModelLockSpec struct {
	Models []LockedModel `json:"models"`
}

// LockedModel is one URI and what it was resolved to. The fields above
// Manifest are a summary for readers; render derives each of them from the
// raw bytes again and refuses a lock in which one differs.
type LockedModel struct {
	// URI as the ModelDeployment writes it.
	URI string `json:"uri"`
	// Digest of the manifest: sha256:<64 hex>.
	Digest string `json:"digest"`
	// Size of all layers, in bytes.
	Size int64 `json:"size"`
	// Kind of artifact: Image, Index, ModelKit, ModelPack or Artifact.
	Kind string `json:"kind"`
	// Name, Version, Format, Architecture, Parameters and License are what the
	// artifact's config says.
	Name         string `json:"name,omitempty"`
	Version      string `json:"version,omitempty"`
	Format       string `json:"format,omitempty"`
	Architecture string `json:"architecture,omitempty"`
	Parameters   string `json:"parameters,omitempty"`
	License      string `json:"license,omitempty"`
	// Files are what the layers hold, as far as the manifest and config say.
	Files []LockedFile `json:"files,omitempty"`
	// References are the artifacts that this one refers to by digest, as URIs.
	// Each has an entry of its own in the same lock.
	References []string `json:"references,omitempty"`
	// Manifest and Config are the raw bytes as the registry served them; an
	// index has no config.
	Manifest Bytes `json:"manifest"`
	Config   Bytes `json:"config,omitempty"`
	// Platforms are the images of an index, in its order.
	Platforms []LockedPlatform `json:"platforms,omitempty"`
	// Evidence is sorted by media type and the digest of what is unpacked.
	Evidence []LockedEvidence `json:"evidence,omitempty"`
}

// LockedFile is a file or folder of the artifact and the layer that holds it.
type LockedFile struct {
	Path string `json:"path"`
	// Size and Digest are the layer's, in bytes and as sha256:<64 hex>.
	Size   int64  `json:"size"`
	Digest string `json:"digest"`
}

// LockedPlatform is one image of an index.
type LockedPlatform struct {
	// Platform is os/architecture, with the variant where there is one.
	Platform string `json:"platform"`
	Digest   string `json:"digest"`
	Manifest Bytes  `json:"manifest"`
	Config   Bytes  `json:"config"`
}

// LockedEvidence is one signature or attestation as bytes.
type LockedEvidence struct {
	// MediaType says how Data reads, unpacked: a Sigstore bundle, or for a legacy
	// cosign signature the OCI descriptor it was stored under, payload embedded.
	MediaType string `json:"mediaType"`
	// Digest of Data as it stands here, so that no byte of it can change unnoticed,
	// also where a signature would still verify.
	Digest string `json:"digest"`
	// Data is one gzip member.
	Data Bytes `json:"data"`
}

// Bytes is standard base64 in the file, in its one canonical spelling: another
// spelling of the same bytes (line breaks, stray trailing bits) is refused, so
// that each character of a lock is checked.
type Bytes []byte

// MarshalJSON writes base64.
func (b Bytes) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.StdEncoding.EncodeToString(b))
}

// UnmarshalJSON reads canonical base64 only.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("not a base64 string: %w", err)
	}
	return b.decode(s)
}

func (b *Bytes) decode(s string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return fmt.Errorf("not base64: %w", err)
	}
	// It passes over line breaks; with none there is one spelling.
	if base64.StdEncoding.EncodedLen(len(raw)) != len(s) {
		return fmt.Errorf("not canonical base64")
	}
	*b = raw
	return nil
}
