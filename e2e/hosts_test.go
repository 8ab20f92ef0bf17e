package e2e_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// TestHostsAgree renders one directory in every host. Each gives the same
// objects, and none of them asks the registry for anything.
func TestHostsAgree(t *testing.T) {
	w := newWorld(t)
	if err := w.publisher.SignLegacy(t.Context(), w.key, w.kit(t, "v7")); err != nil {
		t.Fatal(err)
	}
	app := w.app(t)
	if result := w.run(t, app, "lock", "."); result.ExitCode != 0 {
		t.Fatalf("modelfn lock: exit %d\n%s", result.ExitCode, result.Stderr)
	}
	asked := len(w.server.Requests())

	want := parseObjects(t, stdout(t, w.run(t, app, "build", ".")))
	if len(want) == 0 {
		t.Fatal("modelfn build: no objects")
	}
	for name, render := range map[string]func(*testing.T) objects{
		"kustomize": func(t *testing.T) objects {
			return parseObjects(t, stdout(t, host.Kustomize(t, app, "--enable-alpha-plugins", "--enable-exec")))
		},
		"kpt": func(t *testing.T) objects {
			dir := t.TempDir() // rendered in place
			if err := os.CopyFS(dir, os.DirFS(app)); err != nil {
				t.Fatal(err)
			}
			stdout(t, host.Kpt(t, dir, "fn", "eval", ".", "--exec", w.modelfn))
			return readObjects(t, dir)
		},
		"argocd": func(t *testing.T) objects {
			plugin := host.CMP(t, fmt.Sprintf(pluginYAML, w.modelfn), nil)
			return parseObjects(t, stdout(t, plugin.Generate(t, app, app)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, render(t)); diff != "" {
				t.Errorf("modelfn build and %s differ: -build, +%s:\n%s", name, name, diff)
			}
		})
	}
	if got := w.server.Requests()[asked:]; len(got) != 0 {
		t.Errorf("rendering asked the registry: %v", got)
	}
}

const pluginYAML = `apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata:
  name: modelfn
spec:
  generate:
    command: [%q, build]
`

// stdout is what a program printed, provided that it succeeded.
func stdout(t *testing.T, result host.Result) string {
	t.Helper()
	if result.ExitCode != 0 {
		t.Fatalf("exit %d\n%s", result.ExitCode, result.Stderr)
	}
	return result.Stdout
}
