package image

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/modelfn/modelfn/release/internal/source"
)

// attached is an artifact of OCI 1.1 about another manifest: its subject.
type attached struct {
	manifest []byte
	layers   map[v1.Hash]v1.Layer
}

var _ partial.CompressedImageCore = attached{}

// document is a bill of materials with the name that it is pulled as.
type document struct {
	name    string
	content []byte
}

// emptyConfig is what the specification wants where there is no configuration.
var emptyConfig = []byte("{}")

// attach makes the artifact that holds documents about a subject.
func attach(src source.Source, subject partial.Describable, documents ...document) (v1.Image, error) {
	about, err := partial.Descriptor(subject)
	if err != nil {
		return nil, err
	}
	hash, size, err := v1.SHA256(bytes.NewReader(emptyConfig))
	if err != nil {
		return nil, err
	}
	manifest := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: spdxJSON,
		Config:      v1.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Digest: hash, Size: size},
		Subject:     &v1.Descriptor{MediaType: about.MediaType, Digest: about.Digest, Size: about.Size},
		Annotations: map[string]string{"org.opencontainers.image.created": src.Time.Format(timestamp)},
	}
	a := attached{layers: map[v1.Hash]v1.Layer{}}
	for _, d := range documents {
		content := static.NewLayer(d.content, spdxJSON)
		descriptor, err := partial.Descriptor(content)
		if err != nil {
			return nil, err
		}
		descriptor.Annotations = map[string]string{"org.opencontainers.image.title": d.name}
		manifest.Layers = append(manifest.Layers, *descriptor)
		a.layers[descriptor.Digest] = content
	}
	if a.manifest, err = json.Marshal(manifest); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(a)
}

// MediaType implements partial.CompressedImageCore, as do the others.
func (a attached) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

// RawManifest is the artifact's manifest.
func (a attached) RawManifest() ([]byte, error) { return a.manifest, nil }

// RawConfigFile is the empty configuration.
func (a attached) RawConfigFile() ([]byte, error) { return emptyConfig, nil }

// LayerByDigest is a document.
func (a attached) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	if l, ok := a.layers[h]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("%s: no such layer", h)
}
