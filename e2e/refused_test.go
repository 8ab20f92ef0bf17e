package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// TestRefusalIsSeen: what is refused is refused in every host, with the reason
// where that host's user reads it, and no InferenceService.
func TestRefusalIsSeen(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	edited := oneDigitOff(read(t, filepath.Join(app, "modelfn.lock.yaml")))
	write(t, filepath.Join(app, "modelfn.lock.yaml"), edited)

	exec := "exec: {path: " + w.modelfn + "}"
	hosts := map[string]func(*testing.T) host.Result{
		"build": func(t *testing.T) host.Result { return w.run(t, app, "build") },
		"stdin": func(t *testing.T) host.Result {
			return host.Run(t, host.Command{Path: w.modelfn, Stdin: resourceList(t, app)})
		},
		"build of a kustomization": func(t *testing.T) host.Result {
			return w.run(t, kustomized(t, w.app(t, variant{Function: ourImage}), transformerKustomization, edited), "build")
		},
		"kustomize": func(t *testing.T) host.Result {
			dir := kustomized(t, w.app(t, variant{Function: exec}), transformerKustomization, edited)
			return host.Kustomize(t, dir, "--enable-alpha-plugins", "--enable-exec")
		},
		"kpt": func(t *testing.T) host.Result {
			return host.Kpt(t, packaged(t, app, "exec: "+w.modelfn), "fn", "render", ".", "--allow-exec", "--truncate-output=false")
		},
		"argocd": func(t *testing.T) host.Result {
			return host.CMP(t, fmt.Sprintf(pluginYAML, w.modelfn), nil).Generate(t, app, app)
		},
	}
	for name, render := range hosts {
		t.Run(name, func(t *testing.T) {
			result := render(t)
			if result.ExitCode == 0 {
				t.Error("exit 0")
			}
			if strings.Contains(result.Stdout, "kind: InferenceService") {
				t.Errorf("an InferenceService came out:\n%s", result.Stdout)
			}
			for _, want := range []string{"lock-edited", "fix: restore modelfn.lock.yaml from Git"} {
				if !strings.Contains(result.Stderr+result.Stdout, want) {
					t.Errorf("the user does not read %q:\n%s", want, result.Stderr)
				}
			}
		})
	}
}

// TestAttestationIsNoSignature: a digest about which the release key only made an
// attestation, with the real cosign, is not locked.
func TestAttestationIsNoSignature(t *testing.T) {
	w := named(t)
	v7, v8 := w.kit(t, "v7"), w.kit(t, "v8")
	if err := w.publisher.Attest(t.Context(), w.key, v7, "https://example.com/review/v1", map[string]string{"ok": "yes"}); err != nil {
		t.Fatal(err)
	}
	if err := w.publisher.SignBundle(t.Context(), w.key, v8); err != nil {
		t.Fatal(err)
	}
	app := w.app(t, variant{})
	for _, command := range [][]string{{"lock"}, {"build", w.app(t, variant{Online: true})}} {
		result := w.run(t, app, command...)
		// What lock says on stdout is about the canary.
		if result.ExitCode != 1 || strings.Contains(result.Stdout, short(v7)) || command[0] == "build" && result.Stdout != "" {
			t.Errorf("%v: exit %d, stdout:\n%s", command, result.ExitCode, result.Stdout)
		}
		for _, want := range []string{
			"untrusted-model: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model",
			`an attestation of type "https://example.com/review/v1" is no signature`,
			"fix: sign the model with a key the platform trusts",
		} {
			if !strings.Contains(result.Stderr, want) {
				t.Errorf("%v: the user does not read %q:\n%s", command, want, result.Stderr)
			}
		}
	}
	// The canary, which is signed, is locked all the same.
	if locked := read(t, filepath.Join(app, "modelfn.lock.yaml")); strings.Contains(locked, v7.DigestStr()) || !strings.Contains(locked, v8.DigestStr()) {
		t.Errorf("the lock holds the refused model, or not the other:\n%s", locked)
	}
}

// short is a digest as modelfn prints it to people.
func short(digest name.Digest) string { return digest.DigestStr()[:len("sha256:")+12] }

// TestArgoCDPluginIsSealed: the plugin that ships refuses to render by the
// repository's own platform.
func TestArgoCDPluginIsSealed(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	bin := t.TempDir()
	if err := os.Symlink(w.modelfn, filepath.Join(bin, "modelfn")); err != nil {
		t.Fatal(err)
	}
	plugin := host.CMP(t, read(t, "../examples/argocd/plugin.yaml"), []string{"PATH=" + bin})
	result := plugin.Generate(t, app, app)
	if result.ExitCode == 0 || result.Stdout != "" {
		t.Errorf("exit %d, stdout:\n%s", result.ExitCode, result.Stdout)
	}
	if want := "not-sealed: a sealed platform is required"; !strings.Contains(result.Stderr, want) {
		t.Errorf("the user does not read %q:\n%s", want, result.Stderr)
	}
}
