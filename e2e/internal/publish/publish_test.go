package publish_test

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// world is one registry with a publisher.
type world struct {
	server    *registry.Server
	publisher *publish.Publisher
}

// place is where a world stands.
type place struct {
	referrers bool // whether it has the referrers API
	start     func(*testing.T) *registry.Server
}

// places are all the ways in which registries differ for the tools.
var places = map[string]place{
	"plain http": {true, func(t *testing.T) *registry.Server {
		return started(t)(registry.Start())
	}},
	"without referrers": {false, func(t *testing.T) *registry.Server {
		return started(t)(registry.Start(registry.WithoutReferrers()))
	}},
	"named": {true, func(t *testing.T) *registry.Server {
		return started(t)(registry.StartNamed("registry.example.com"))
	}},
	"debian":       {false, func(t *testing.T) *registry.Server { return registry.Real(t, registry.Debian) }},
	"distribution": {false, func(t *testing.T) *registry.Server { return registry.Real(t, registry.Distribution) }},
}

func started(t *testing.T) func(*registry.Server, error) *registry.Server {
	return func(server *registry.Server, err error) *registry.Server {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		return server
	}
}

func newWorld(t *testing.T, p place) world {
	t.Helper()
	server := p.start(t)
	return world{server, publish.New(server, t.TempDir())}
}

func (w world) key(t *testing.T, label string) publish.Key {
	t.Helper()
	key, err := w.publisher.NewKey(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// artifact pushes something to sign.
func (w world) artifact(t *testing.T) name.Digest {
	t.Helper()
	digest, err := w.publisher.Modelcar(t.Context(), "models/fraud:v7", modelcar)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func (w world) image(t *testing.T, digest name.Digest) v1.Image {
	t.Helper()
	image, err := remote.Image(digest, w.server.Remote(t.Context())...)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

var sample = publish.Kit{
	Name: "fraud", Version: "7.0.0", License: "Apache-2.0", Framework: "sklearn",
	Path: "model.joblib", Model: []byte("not really a model"),
}

var modelcar = publish.Modelcar{
	Labels: map[string]string{"modelfn.dev/format": "sklearn", "org.opencontainers.image.version": "7.0.0"},
	Files:  map[string][]byte{"model.joblib": []byte("not really a model")},
}

func TestModelKit(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place)
			files, err := sample.Files()
			if err != nil {
				t.Fatal(err)
			}
			digest, err := w.publisher.ModelKit(t.Context(), "models/fraud:v7", files)
			if err != nil {
				t.Fatal(err)
			}
			image := w.image(t, digest)
			if got, want := artifactType(t, image), "application/vnd.kitops.modelkit.manifest.v1+json"; got != want {
				t.Errorf("artifactType %q, want %q", got, want)
			}
			var kitfile struct {
				Package, Model map[string]any
			}
			readConfig(t, image, &kitfile)
			want := map[string]any{"name": "fraud", "version": "7.0.0", "license": "Apache-2.0"}
			if diff := cmp.Diff(want, kitfile.Package); diff != "" {
				t.Errorf("package: -want, +got:\n%s", diff)
			}
			if got := kitfile.Model["framework"]; got != "sklearn" {
				t.Errorf("model.framework %v, want sklearn", got)
			}
		})
	}
}

func TestModelPack(t *testing.T) {
	w := newWorld(t, places["plain http"])
	files, err := sample.Files()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := w.publisher.ModelPack(t.Context(), "models/fraud:v7", files)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := artifactType(t, w.image(t, digest)), "application/vnd.cncf.model.manifest.v1+json"; got != want {
		t.Errorf("artifactType %q, want %q", got, want)
	}
}

func TestModelcar(t *testing.T) {
	w := newWorld(t, places["plain http"])
	first, second := w.artifact(t), w.artifact(t)
	if first != second {
		t.Errorf("the same modelcar has digests %s and %s", first, second)
	}
	config, err := w.image(t, first).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(modelcar.Labels, config.Config.Labels); diff != "" {
		t.Errorf("labels: -want, +got:\n%s", diff)
	}
}

func artifactType(t *testing.T, image v1.Image) string {
	t.Helper()
	raw, err := image.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ ArtifactType string }
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.ArtifactType
}

func readConfig(t *testing.T, image v1.Image, into any) {
	t.Helper()
	raw, err := image.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// readLayer returns the content of the only layer.
func readLayer(t *testing.T, image v1.Image) []byte {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, want 1 (%v)", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = content.Close() }()
	raw, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
