package e2e_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// nested is a world with a kit, models/base:v1, that others adopt the model of.
// Nobody has signed it yet.
func nested(t *testing.T) (w world, inner name.Digest) {
	t.Helper()
	server, err := registry.Start(registry.WithoutReferrers())
	w = newWorld(t, server, err)
	return w, w.base(t, "models/base:v1", "first")
}

// base publishes a kit with weights of its own.
func (w world) base(t *testing.T, path, weights string) name.Digest {
	t.Helper()
	return w.pack(t, path, w.publisher.ModelKit, publish.Kit{Name: "base", Framework: "sklearn", Path: "model.joblib", Model: []byte(weights)})
}

// tuned publishes a kit whose model is the one that a reference names.
func (w world) tuned(t *testing.T, path, from string) name.Digest {
	t.Helper()
	return w.pack(t, path, w.publisher.ModelKit, publish.Kit{Name: "tuned", Framework: "sklearn", Path: from})
}

// packer is one of the publisher's.
type packer = func(ctx context.Context, path string, files fs.FS) (name.Digest, error)

func (w world) pack(t *testing.T, path string, pack packer, kit publish.Kit) name.Digest {
	t.Helper()
	files, err := kit.Files()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := pack(t.Context(), path, files)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// sign signs artifacts in a format.
func (w world) sign(t *testing.T, format signing, artifacts ...name.Digest) {
	t.Helper()
	for _, a := range artifacts {
		if err := format.sign(w.publisher, t.Context(), w.key, a); err != nil {
			t.Fatal(err)
		}
	}
}

// tunedApp is a directory that serves a path of the world's registry.
func (w world) tunedApp(t *testing.T, path string) string {
	t.Helper()
	return directory(t, w.platform(t), map[string]spec{"fraud": {
		"model": w.uri("kit://", path), "format": map[string]any{"name": "sklearn"},
	}})
}

// unpacked is the model that the real kit gets out of a kit.
func (w world) unpacked(t *testing.T, kit name.Digest) string {
	t.Helper()
	dir := t.TempDir()
	if err := w.publisher.Unpack(t.Context(), kit, dir); err != nil {
		t.Fatal(err)
	}
	return read(t, filepath.Join(dir, "model.joblib"))
}
