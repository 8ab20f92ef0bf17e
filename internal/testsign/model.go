package testsign

import (
	"maps"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// Media types of what is made here.
const (
	TypeManifest    = "application/vnd.oci.image.manifest.v1+json"
	TypeImageConfig = "application/vnd.oci.image.config.v1+json"
	TypeKitConfig   = "application/vnd.kitops.modelkit.config.v1+json"

	typeKit        = "application/vnd.kitops.modelkit.manifest.v1+json"
	typePack       = "application/vnd.cncf.model.manifest.v1+json"
	typePackConfig = "application/vnd.cncf.model.config.v1+json"
	typePackLayer  = "application/vnd.cncf.model.weight.v1.tar"
	typeKitLayer   = "application/vnd.kitops.modelkit.model.v1.tar"
	typeLayer      = "application/vnd.oci.image.layer.v1.tar"
)

// Model is a model artifact as a registry stores it.
type Model struct {
	Manifest, Config, Layer []byte
	// Files are the layers of a model that has one for each file.
	Files [][]byte
	// Summary is what a lock says about it beside its bytes.
	Summary v1alpha1.LockedModel
}

// Digest of the manifest.
func (m Model) Digest() artifact.Digest { return artifact.DigestOf(m.Manifest) }

// Kit is a small ModelKit of a scikit-learn model.
func Kit(name, version string) Model {
	m := KitWith(map[string]any{
		"manifestVersion": "1.0.0",
		"package":         map[string]any{"name": name, "version": version, "license": "Apache-2.0"},
		"model":           map[string]any{"name": name, "path": "model.joblib", "framework": "sklearn", "version": version},
	})
	m.Summary.Name, m.Summary.Version, m.Summary.License, m.Summary.Format = name, version, "Apache-2.0", "sklearn"
	return m
}

// KitWith is a ModelKit with any Kitfile; its Summary says nothing about that.
func KitWith(kitfile map[string]any) Model {
	return KitRaw(marshal(kitfile))
}

// KitRaw is a ModelKit with any bytes as its config.
func KitRaw(config []byte) Model {
	return build("ModelKit", typeKit, TypeKitConfig, typeKitLayer, config, "")
}

// Tuned is a ModelKit whose weights are another kit's, which its Kitfile names
// by reference.
func Tuned(name, version, base string) Model {
	m := KitWith(map[string]any{
		"package": map[string]any{"name": name, "version": version},
		"model":   map[string]any{"name": name, "path": base, "framework": "sklearn"},
	})
	m.Summary.Name, m.Summary.Version, m.Summary.Format = name, version, "sklearn"
	m.Summary.References = []string{"kit://" + base}
	return m
}

// Pack is a small ModelPack, as packers other than kit write it.
func Pack(name, version, format string) Model {
	m := build("ModelPack", typePack, typePackConfig, typePackLayer, marshal(map[string]any{
		"descriptor": map[string]any{"name": name, "version": version, "licenses": []string{"MIT"}},
		"config":     map[string]any{"architecture": "transformer", "format": format, "paramSize": "8b"},
		"modelfs":    map[string]any{"type": "layers", "diffIds": []string{}},
	}), "")
	m.Summary.Name, m.Summary.Version, m.Summary.Format, m.Summary.License = name, version, format, "MIT"
	m.Summary.Architecture, m.Summary.Parameters = "transformer", "8b"
	return m
}

// Plain is an OCI artifact of a type that nobody serves.
func Plain() Model {
	return build("Artifact", "application/vnd.example.model.v1", "application/vnd.oci.empty.v1+json", "application/octet-stream", []byte("{}"), "weights")
}

// Index is a list of images, one for each platform (os/architecture).
func Index(platforms []string, images ...Model) Model {
	var m Model
	list := indexManifest{SchemaVersion: 2, MediaType: typeIndex}
	m.Summary = images[0].Summary
	m.Summary.Kind = "Index"
	for i, image := range images {
		d := describe(TypeManifest, image.Manifest)
		os, architecture, _ := strings.Cut(platforms[i], "/")
		list.Manifests = append(list.Manifests, platformDescriptor{d, map[string]string{"os": os, "architecture": architecture}})
		m.Summary.Size = max(m.Summary.Size, image.Summary.Size)
		m.Summary.Platforms = append(m.Summary.Platforms, v1alpha1.LockedPlatform{
			Platform: platforms[i], Digest: string(image.Digest()), Manifest: image.Manifest, Config: image.Config,
		})
	}
	m.Manifest = marshal(list)
	return m
}

type indexManifest struct {
	SchemaVersion int                  `json:"schemaVersion"`
	MediaType     string               `json:"mediaType"`
	Manifests     []platformDescriptor `json:"manifests"`
}

type platformDescriptor struct {
	descriptor
	Platform map[string]string `json:"platform"`
}

// Image is a small modelcar with labels that say name, version and format; an
// empty format is left out.
func Image(name, version, format string) Model {
	labels := map[string]string{"org.opencontainers.image.title": name, "org.opencontainers.image.version": version}
	if format != "" {
		labels[artifact.FormatLabel] = format
	}
	m := ImageWith(labels)
	m.Summary.Name, m.Summary.Version, m.Summary.Format = name, version, format
	return m
}

// ImageWith is a modelcar with any labels; its Summary says nothing about them.
func ImageWith(labels map[string]string) Model {
	layer := []byte("layer of " + labels["org.opencontainers.image.version"])
	config := marshal(map[string]any{
		"architecture": "amd64", "os": "linux",
		"config": map[string]any{"Labels": maps.Clone(labels)},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []artifact.Digest{artifact.DigestOf(layer)}},
	})
	return build("Image", "", TypeImageConfig, typeLayer, config, string(layer))
}

func build(kind, artifactType, configType, layerType string, config []byte, layer string) Model {
	m := Model{Config: config, Layer: []byte(layer)}
	if layer == "" {
		m.Layer = append([]byte("model of "), config...)
	}
	m.Manifest = marshal(imageManifest{
		SchemaVersion: 2, MediaType: TypeManifest, ArtifactType: artifactType,
		Config: describe(configType, m.Config), Layers: []descriptor{describe(layerType, m.Layer)},
	})
	m.Summary = v1alpha1.LockedModel{Kind: kind, Size: int64(len(m.Layer))}
	return m
}

type imageManifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	ArtifactType  string       `json:"artifactType,omitempty"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Subject       *descriptor  `json:"subject,omitempty"`
}

// Entry is the model as an entry of a lock, with the evidence given.
func (m Model) Entry(uri string, evidence ...artifact.Evidence) v1alpha1.LockedModel {
	e := m.Summary
	e.URI, e.Digest, e.Manifest, e.Config = uri, string(m.Digest()), m.Manifest, m.Config
	for _, v := range evidence {
		e.Evidence = append(e.Evidence, v.Lock())
	}
	return e
}
