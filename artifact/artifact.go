package artifact

import (
	"errors"
	"fmt"
)

// Kind is what an artifact is, by its manifest.
type Kind string

const (
	// Image is a runnable OCI or Docker image: a modelcar.
	Image Kind = "Image"
	// Index is a list of such images, one per platform.
	Index Kind = "Index"
	// ModelKit is a KitOps artifact.
	ModelKit Kind = "ModelKit"
	// ModelPack is an artifact of the CNCF model specification.
	ModelPack Kind = "ModelPack"
	// Generic is any other OCI artifact.
	Generic Kind = "Artifact"
	// HubModel is a commit of a model hub's repository. It has no digest.
	HubModel Kind = "HubModel"
	// Storage is a path in a bucket, on a server or a volume. It has no digest,
	// and what it holds can change.
	Storage Kind = "Storage"
)

// Artifact is a resolved model: for an OCI artifact a digest and what the bytes
// under it say. The zero Artifact is not resolved. Only this package makes
// others.
type Artifact struct {
	reference  Reference
	kind       Kind
	digest     Digest
	revision   string
	content    content
	size       int64
	metadata   Metadata
	references []Reference
	platforms  []string // of an index, beside content.platforms
}

// content is what an artifact is derived from: raw bytes as they are served.
type content struct {
	manifest, config []byte
	// platforms are the images of an index, in its order.
	platforms []content
}

// errMismatch: bytes do not have the digest they are named by.
var errMismatch = errors.New("digest mismatch")

// derive makes an Artifact of raw bytes. It refuses bytes that do not match:
// the config by the digest in the manifest, the manifest by the reference's.
func derive(ref Reference, c content) (Artifact, error) {
	a := Artifact{reference: ref, digest: DigestOf(c.manifest), content: c}
	if ref.Pinned() && ref.digest != a.digest {
		return Artifact{}, fmt.Errorf("%w: manifest hashes to %s, not to %s", errMismatch, a.digest, ref.digest)
	}
	m, err := parseManifest(c.manifest)
	if err != nil {
		return Artifact{}, err
	}
	if m.isIndex() {
		if err := a.deriveIndex(m); err != nil {
			return Artifact{}, err
		}
		return a, nil
	}
	a.size = m.size()
	if err := m.checkConfig(c.config); err != nil {
		return Artifact{}, err
	}
	if err := m.checkType(); err != nil {
		return Artifact{}, err
	}
	switch m.Config.MediaType {
	case typeOCIConfig, typeDockerConfig:
		a.kind = Image
		a.metadata, err = imageMetadata(c.config)
	case typeKitConfig:
		a.kind = ModelKit
		a.metadata, a.references, err = kitMetadata(c.config, m)
	case typePackConfig:
		a.kind = ModelPack
		a.metadata, a.references, err = packMetadata(c.config, m)
	default:
		a.kind = Generic
		a.metadata = genericMetadata(m)
	}
	if err == nil && len(a.references) > maxReferences {
		err = fmt.Errorf("it refers to %d other artifacts, at most %d are followed", len(a.references), maxReferences)
	}
	if err != nil {
		return Artifact{}, fmt.Errorf("config: %w", err)
	}
	a.metadata.bound()
	return a, nil
}

func (m manifest) checkConfig(raw []byte) error {
	if got := DigestOf(raw); string(got) != m.Config.Digest {
		return fmt.Errorf("%w: config hashes to %s, the manifest names %s", errMismatch, got, m.Config.Digest)
	}
	return nil
}

// Resolved tells whether this is an artifact at all (the zero one is not).
func (a Artifact) Resolved() bool { return a.kind != "" }

// Reference is the URI the artifact was resolved from.
func (a Artifact) Reference() Reference { return a.reference }

// Digest of the manifest; "" for what has none (HubModel and Storage).
func (a Artifact) Digest() Digest { return a.digest }

// Digests are the manifest's, and of an index those of its images.
func (a Artifact) Digests() []Digest {
	out := []Digest{a.digest}
	for _, c := range a.content.platforms {
		out = append(out, DigestOf(c.manifest))
	}
	return out
}

// Revision is the commit of a HubModel.
func (a Artifact) Revision() string { return a.revision }

// Repository is host/path, or "" for what is no OCI artifact.
func (a Artifact) Repository() string { return a.reference.Repository() }

// Kind is what the artifact is.
func (a Artifact) Kind() Kind { return a.kind }

// Size is the sum of the layers' sizes in bytes, of an index its largest
// image's.
func (a Artifact) Size() int64 { return a.size }

// Metadata is what the artifact's config says.
func (a Artifact) Metadata() Metadata { return a.metadata }

// References are the artifacts that are fetched with this one, each by digest.
func (a Artifact) References() []Reference { return a.references }

// Scheme is the one that fits what the artifact is: a ModelKit can never run as
// oci://, nor an image as kit://.
func (a Artifact) Scheme() Scheme {
	switch a.kind {
	case ModelKit, ModelPack:
		return Kit
	case HubModel, Storage:
		return a.reference.scheme
	}
	return OCI
}

// Identity is what a verdict is about: host/path@digest, or for what has no
// digest the URI.
func (a Artifact) Identity() string {
	switch a.kind {
	case HubModel:
		return a.reference.location + ":" + a.revision
	case Storage:
		return a.reference.uri
	}
	return a.reference.At(a.digest).Identity()
}

// StorageURI is the artifact as KServe is told it: by digest, or commit, under
// the scheme that fits.
func (a Artifact) StorageURI() string {
	if a.digest == "" {
		return a.Identity()
	}
	return string(a.Scheme()) + "://" + a.Identity()
}
