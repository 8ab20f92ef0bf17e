package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"text/template"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// world is what a platform team has: a registry, a release key, and modelfn.
type world struct {
	server    *registry.Server
	publisher *publish.Publisher
	key       publish.Key
	modelfn   string
}

func newWorld(t *testing.T) world {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	if result := host.Run(t, host.Command{Path: modelfn, Args: []string{"version"}}); result.Stdout == "" {
		t.Skip("modelfn of this checkout has no commands yet: `modelfn version` prints nothing")
	}
	server, err := registry.StartNamed("registry.example.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	publisher := publish.New(server, t.TempDir())
	key, err := publisher.NewKey(t.Context(), "release")
	if err != nil {
		t.Fatal(err)
	}
	return world{server, publisher, key, modelfn}
}

// kit pushes a ModelKit that nobody has signed.
func (w world) kit(t *testing.T, tag string) name.Digest {
	t.Helper()
	files, err := publish.Kit{
		Name: "fraud", Version: tag, License: "Apache-2.0", Framework: "sklearn",
		Path: "model.joblib", Model: []byte("sample " + tag),
	}.Files()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := w.publisher.ModelKit(t.Context(), "models/fraud:"+tag, files)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// run runs modelfn where it can reach the registry.
func (w world) run(t *testing.T, dir string, args ...string) host.Result {
	t.Helper()
	return host.Run(t, host.Command{Path: w.modelfn, Args: args, Dir: dir, Env: w.server.Env()})
}

// app writes a directory of manifests from testdata/app: a ModelDeployment of
// fraud:v7, the platform that trusts the world's key, and a kustomization.
func (w world) app(t *testing.T) string {
	t.Helper()
	pem, err := w.key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	templates, err := template.ParseGlob("testdata/app/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, tmpl := range templates.Templates() {
		var content bytes.Buffer
		if err := tmpl.Execute(&content, map[string]string{"Key": pem, "Modelfn": w.modelfn}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, tmpl.Name()), content.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
