package publish_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// shape is what a manifest says of itself.
type shape struct {
	MediaType, ArtifactType string
	Config                  string   // media type
	Layers                  []string // media types
	Platforms               []string // of an index
}

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"

	kitType   = "application/vnd.kitops.modelkit.manifest.v1+json"
	kitConfig = "application/vnd.kitops.modelkit.config.v1+json"
	kitLayers = "application/vnd.kitops.modelkit."

	packType   = "application/vnd.cncf.model.manifest.v1+json"
	packConfig = "application/vnd.cncf.model.config.v1+json"
)

var shapes = map[publish.Kind]shape{
	publish.KindModelKit: {manifestType, kitType, kitConfig, []string{kitLayers + "model.v1.tar"}, nil},
	publish.KindEverything: {manifestType, kitType, kitConfig, []string{
		kitLayers + "model.v1.tar", kitLayers + "modelpart.v1.tar", kitLayers + "modelpart.v1.tar",
		// Prompts are code with an annotation.
		kitLayers + "code.v1.tar", kitLayers + "dataset.v1.tar", kitLayers + "docs.v1.tar", kitLayers + "code.v1.tar",
	}, nil},
	publish.KindNestedByTag:      {manifestType, kitType, kitConfig, nil, nil},
	publish.KindNestedByDigest:   {manifestType, kitType, kitConfig, nil, nil},
	publish.KindModelPack:        {manifestType, packType, packConfig, []string{"application/vnd.cncf.model.weight.v1.tar"}, nil},
	publish.KindModelPackNested:  {manifestType, packType, packConfig, nil, nil},
	publish.KindModelPackForeign: {manifestType, packType, packConfig, []string{"application/vnd.cncf.model.weight.v1.tar"}, nil},
	publish.KindImage: {
		manifestType, "", "application/vnd.oci.image.config.v1+json",
		[]string{"application/vnd.oci.image.layer.v1.tar+gzip"}, nil,
	},
	publish.KindDockerImage: {
		"application/vnd.docker.distribution.manifest.v2+json", "", "application/vnd.docker.container.image.v1+json",
		[]string{"application/vnd.docker.image.rootfs.diff.tar.gzip"}, nil,
	},
	publish.KindIndex: {
		MediaType: "application/vnd.oci.image.index.v1+json", Platforms: []string{"linux/amd64", "linux/arm64"},
	},
	publish.KindPlain: {
		manifestType, "application/vnd.example.model.v1", "application/vnd.oci.empty.v1+json",
		[]string{"application/octet-stream"}, nil,
	},
}

// TestSample publishes every kind to every registry.
func TestSample(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place)
			for _, kind := range publish.Kinds() {
				t.Run(string(kind), func(t *testing.T) {
					artifact, err := w.publisher.Sample(t.Context(), kind, "models/fraud")
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(shapes[kind], shapeOf(t, artifact)); diff != "" {
						t.Errorf("-want, +got:\n%s\n%s", diff, artifact.Manifest)
					}
				})
			}
		})
	}
}

// shapeOf reads the manifest, and holds both parts against their digests.
func shapeOf(t *testing.T, artifact publish.Artifact) shape {
	t.Helper()
	var manifest struct {
		MediaType, ArtifactType string
		Config                  v1.Descriptor
		Layers, Manifests       []v1.Descriptor
	}
	if err := json.Unmarshal(artifact.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	wantDigest(t, "manifest", artifact.Manifest, artifact.Digest.DigestStr())
	if manifest.Config.MediaType != "" {
		wantDigest(t, "config", artifact.Config, manifest.Config.Digest.String())
	}
	got := shape{MediaType: manifest.MediaType, ArtifactType: manifest.ArtifactType, Config: string(manifest.Config.MediaType)}
	for _, layer := range manifest.Layers {
		got.Layers = append(got.Layers, string(layer.MediaType))
	}
	for _, child := range manifest.Manifests {
		got.Platforms = append(got.Platforms, child.Platform.String())
	}
	return got
}

func wantDigest(t *testing.T, what string, content []byte, want string) {
	t.Helper()
	if got, _, err := v1.SHA256(bytes.NewReader(content)); err != nil || got.String() != want {
		t.Errorf("%s: digest %s (%v), want %s", what, got, err, want)
	}
}
