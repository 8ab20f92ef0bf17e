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

func newWorld(t *testing.T, server *registry.Server, err error) world {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	publisher := publish.New(server, t.TempDir())
	key, err := publisher.NewKey(t.Context(), "release")
	if err != nil {
		t.Fatal(err)
	}
	return world{server, publisher, key, modelfn}
}

// named is a world whose registry is registry.example.com.
func named(t *testing.T) world {
	t.Helper()
	server, err := registry.StartNamed("registry.example.com")
	return newWorld(t, server, err)
}

// signed publishes fraud:v7, signed by cosign v2 (legacy), and fraud:v8, signed
// by cosign v3 (bundle).
func (w world) signed(t *testing.T) (v7, v8 name.Digest) {
	t.Helper()
	v7, v8 = w.kit(t, "v7"), w.kit(t, "v8")
	if err := w.publisher.SignLegacy(t.Context(), w.key, v7); err != nil {
		t.Fatal(err)
	}
	if err := w.publisher.SignBundle(t.Context(), w.key, v8); err != nil {
		t.Fatal(err)
	}
	return v7, v8
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

// variant says how an app directory differs from the plain one.
type variant struct {
	// Function is the content of the platform's function annotation.
	Function string
	// Generator lets the ModelDeployment carry an exec function annotation.
	Generator bool
	Online    bool
}

// app writes a directory of manifests from testdata/app: a ModelDeployment of
// fraud:v7 with fraud:v8 as its canary, the platform that trusts the world's
// key, and a foreign object.
func (w world) app(t *testing.T, v variant) string {
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
		err := tmpl.Execute(&content, struct {
			variant
			Key, Modelfn, Host string
			PlainHTTP          bool
		}{v, pem, w.modelfn, w.server.Host(), w.server.PlainHTTP()})
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, tmpl.Name()), content.String())
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// lock locks an app directory.
func (w world) lock(t *testing.T, dir string, flags ...string) {
	t.Helper()
	if result := w.run(t, dir, append([]string{"lock"}, flags...)...); result.ExitCode != 0 {
		t.Fatalf("modelfn lock: exit %d\n%s", result.ExitCode, result.Stderr)
	}
}

// stdout is what a program printed, provided that it succeeded.
func stdout(t *testing.T, result host.Result) string {
	t.Helper()
	if result.ExitCode != 0 {
		t.Fatalf("exit %d\n%s", result.ExitCode, result.Stderr)
	}
	return result.Stdout
}
