package testsign

import (
	"maps"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// Media types of what is made here.
const (
	TypeManifest    = "application/vnd.oci.image.manifest.v1+json"
	TypeImageConfig = "application/vnd.oci.image.config.v1+json"
	TypeKitConfig   = "application/vnd.kitops.modelkit.config.v1+json"

	typeKit      = "application/vnd.kitops.modelkit.manifest.v1+json"
	typeKitLayer = "application/vnd.kitops.modelkit.model.v1.tar"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// Model is a model artifact as a registry stores it.
type Model struct {
	Manifest, Config, Layer []byte
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
	return build("ModelKit", typeKit, TypeKitConfig, typeKitLayer, marshal(kitfile), "")
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
		e.Evidence = append(e.Evidence, v1alpha1.LockedEvidence{MediaType: v.MediaType, Digest: string(v.Digest()), Data: v.Data})
	}
	return e
}
