package artifact

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Kind is what an artifact is, by its manifest.
type Kind string

const (
	// Image is a runnable OCI or Docker image: a modelcar.
	Image Kind = "Image"
	// ModelKit is a KitOps artifact.
	ModelKit Kind = "ModelKit"
)

// Artifact is a pinned model: a digest and what the bytes under it say. The
// zero Artifact is not pinned. Only this package makes others.
type Artifact struct {
	reference Reference
	digest    Digest
	manifest  []byte
	config    []byte
	kind      Kind
	size      int64
	metadata  Metadata
}

// Metadata is what an artifact's own config says about it. Nothing in it is
// more trustworthy than the signature over the digest.
type Metadata struct {
	Name, Version, License string
	// Format is KServe's name of the model format, or "".
	Format string
}

// manifest is the part of an OCI image manifest that is read.
type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	ArtifactType  string       `json:"artifactType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Manifests     []descriptor `json:"manifests"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Data        []byte            `json:"data,omitempty"`
}

const (
	typeOCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	typeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeOCIConfig      = "application/vnd.oci.image.config.v1+json"
	typeDockerConfig   = "application/vnd.docker.container.image.v1+json"
	typeKitConfig      = "application/vnd.kitops.modelkit.config.v1+json"
)

// errMismatch: bytes do not have the digest they are named by.
var errMismatch = errors.New("digest mismatch")

// newArtifact derives an Artifact from raw bytes. It refuses bytes that do not
// match: config by the digest in the manifest, manifest by the reference's.
func newArtifact(ref Reference, rawManifest, rawConfig []byte) (Artifact, error) {
	m, err := parseManifest(rawManifest)
	if err != nil {
		return Artifact{}, err
	}
	a := Artifact{reference: ref, digest: DigestOf(rawManifest), manifest: rawManifest, config: rawConfig}
	if ref.Pinned() && ref.digest != a.digest {
		return Artifact{}, fmt.Errorf("%w: manifest hashes to %s, not to %s", errMismatch, a.digest, ref.digest)
	}
	if got := DigestOf(rawConfig); string(got) != m.Config.Digest {
		return Artifact{}, fmt.Errorf("%w: config hashes to %s, the manifest names %s", errMismatch, got, m.Config.Digest)
	}
	for _, l := range m.Layers {
		if l.Size < 0 || a.size > 1<<60 {
			return Artifact{}, fmt.Errorf("manifest: layer of %d bytes", l.Size)
		}
		a.size += l.Size
	}
	switch m.Config.MediaType {
	case typeOCIConfig, typeDockerConfig:
		a.kind = Image
		a.metadata, err = imageMetadata(rawConfig)
	case typeKitConfig:
		a.kind = ModelKit
		a.metadata, err = kitMetadata(rawConfig)
	default:
		return Artifact{}, fmt.Errorf("config of type %q: neither a runnable image nor a ModelKit, and nothing else is supported yet", m.Config.MediaType)
	}
	if err != nil {
		return Artifact{}, fmt.Errorf("config: %w", err)
	}
	return a, nil
}

func parseManifest(raw []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return manifest{}, fmt.Errorf("manifest: %w", err)
	}
	switch {
	case len(m.Manifests) > 0 && m.Config.Digest == "":
		return manifest{}, fmt.Errorf("an image index (several platforms) is not supported yet: name the digest of one image in it")
	// "mediaType" may be absent in an OCI manifest.
	case m.MediaType != "" && m.MediaType != typeOCIManifest && m.MediaType != typeDockerManifest:
		return manifest{}, fmt.Errorf("manifest of type %q is not supported", m.MediaType)
	case len(m.Manifests) > 0:
		// The same bytes must not read as an index to one program and as an
		// image to another.
		return manifest{}, fmt.Errorf("manifest is both an image and an index")
	}
	return m, nil
}

// Pinned tells whether this is a resolved artifact (the zero one is not).
func (a Artifact) Pinned() bool { return a.digest != "" }

// Reference is the URI the artifact was pinned from.
func (a Artifact) Reference() Reference { return a.reference }

// Digest of the manifest.
func (a Artifact) Digest() Digest { return a.digest }

// Repository is host/path.
func (a Artifact) Repository() string { return a.reference.repository }

// Kind is Image or ModelKit.
func (a Artifact) Kind() Kind { return a.kind }

// Size is the sum of the layers' sizes in bytes.
func (a Artifact) Size() int64 { return a.size }

// Metadata is what the artifact's config says.
func (a Artifact) Metadata() Metadata { return a.metadata }

// Manifest and Config are the raw bytes.
func (a Artifact) Manifest() []byte { return a.manifest }

// Config is the raw config blob.
func (a Artifact) Config() []byte { return a.config }

// StorageURI names the artifact by digest under the scheme that fits what it
// is: a ModelKit can never run as oci://, nor an image as kit://.
func (a Artifact) StorageURI() string {
	scheme := OCI
	if a.kind == ModelKit {
		scheme = Kit
	}
	return string(scheme) + "://" + a.ImageReference()
}

// ImageReference is host/path@digest.
func (a Artifact) ImageReference() string { return a.reference.repository + "@" + string(a.digest) }
