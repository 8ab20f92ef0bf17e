package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

func TestPublishModels(t *testing.T) {
	server, err := registry.StartNamed(registryHost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	home := t.TempDir()
	publisher := publish.New(server, home)
	pem, err := publishModels(t.Context(), publisher)
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "key.pub")
	if err := os.WriteFile(public, []byte(pem), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"models/fraud:v7", "models/fraud:v8"} {
		digest, err := publisher.Digest(t.Context(), tag)
		if err != nil {
			t.Fatal(err)
		}
		if err := publisher.Verify3(t.Context(), publish.Key{Public: public}, digest); err != nil {
			t.Error(err)
		}
	}
}

// TestRun puts cosign in modelfn's place: the program that run starts must
// reach the registry by its real name, with the key that stands in the file.
func TestRun(t *testing.T) {
	cosign, err := peer.Path(peer.Cosign3)
	if err != nil {
		t.Fatal(err)
	}
	root := newRoot(t)
	script := `#!/bin/sh
set -e
echo "$@" >args
sed -n 's/^ *//; /-----BEGIN/,/-----END/p' examples/quickstart/platform.yaml >key.pub
exec ` + cosign + ` verify --key key.pub --insecure-ignore-tlog registry.example.com/models/fraud:v8
`
	if err := run(t.Context(), root, newProgram(t, script)); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, filepath.Join(root, "args")), "lock examples/quickstart --update\n"; got != want {
		t.Errorf("modelfn was called with %q, want %q", got, want)
	}
	if got := read(t, filepath.Join(root, quickstart, "platform.yaml")); got == platformYAML {
		t.Error("platform.yaml still holds the old key")
	}
}

func TestRunRestoresTheKey(t *testing.T) {
	root := newRoot(t)
	err := run(t.Context(), root, newProgram(t, "#!/bin/sh\nexit 1\n"))
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("run: %v, want modelfn's exit status", err)
	}
	if got := read(t, filepath.Join(root, quickstart, "platform.yaml")); got != platformYAML {
		t.Errorf("platform.yaml has changed:\n%s", got)
	}
}

const platformYAML = `spec:
  trust:
  - authorities:
    - name: release
      key:
        pem: |
          -----BEGIN PUBLIC KEY-----
          b2xk
          -----END PUBLIC KEY-----
`

// newRoot is a repository with nothing but the example's platform.
func newRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, quickstart)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "platform.yaml"), []byte(platformYAML), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func newProgram(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "modelfn")
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
