package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/podman"
)

// bakedImage is the platform team's.
const bakedImage = "registry.example.com/platform/modelfn:v0"

// baked builds examples/argocd/Dockerfile over the image, with a platform.
func baked(t *testing.T, e *podman.Engine, platform string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"Dockerfile", "plugin.yaml"} {
		write(t, filepath.Join(dir, name), read(t, "../examples/argocd/"+name))
	}
	// As a careful umask leaves it: the image's user could not read it like this.
	if err := os.WriteFile(filepath.Join(dir, "platform.yaml"), []byte(platform), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout(t, e.Podman(t, "", "build", "--quiet", "--pull=never", "--build-arg", "MODELFN="+imageName, "--tag", bakedImage, dir))
}

// TestContainerBaked: in a platform team's image its platform decides, in the
// plugin's sidecar and under kustomize, and a repository's other one is refused.
func TestContainerBaked(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	platform := read(t, filepath.Join(app, "platform.yaml"))
	// --platform seals as well.
	want := parseObjects(t, stdout(t, w.run(t, app, "build", "--platform", filepath.Join(app, "platform.yaml"))))
	e := engine(t)
	baked(t, e, platform)
	plugin := podman.CMP(t, e, bakedImage, "modelfn")
	locked := read(t, filepath.Join(app, lockFile))
	weaker := strings.Replace(platform, "required: [training-run-id]", "required: []", 1)
	if weaker == platform {
		t.Fatal("the platform has not what is to be weakened")
	}
	for name, render := range map[string]func(t *testing.T, platform string) host.Result{
		"sidecar": func(t *testing.T, platform string) host.Result {
			dir := w.app(t, variant{})
			write(t, filepath.Join(dir, lockFile), locked)
			write(t, filepath.Join(dir, "platform.yaml"), platform)
			return plugin.Generate(t, dir, dir)
		},
		"kustomize": func(t *testing.T, platform string) host.Result {
			dir := kustomized(t, w.app(t, variant{}), transformerKustomization, locked)
			function := "  name: prod\n  annotations:\n    config.kubernetes.io/function: |\n      container: {image: " + bakedImage + "}\n"
			write(t, filepath.Join(dir, "platform.yaml"), strings.Replace(platform, "  name: prod\n", function, 1))
			return stockKustomize(t, e, dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, parseObjects(t, stdout(t, render(t, platform)))); diff != "" {
				t.Errorf("build with --platform and %s differ (-build +%s):\n%s", name, name, diff)
			}
			result := render(t, weaker)
			if result.ExitCode == 0 || strings.Contains(result.Stdout, "InferenceService") || !strings.Contains(result.Stderr, "platform-sealed") {
				t.Errorf("exit %d with another platform in the repository, want it refused as sealed:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
			}
		})
	}
}
