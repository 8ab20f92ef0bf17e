package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// monorepo has a base with a model, an application that builds on it, and another's
// application.
func (r *repository) monorepo(t *testing.T, app string) {
	t.Helper()
	base := r.add(t, "models/fraud", app)
	if err := os.Remove(filepath.Join(base, "platform.yaml")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(base, "kustomization.yaml"), "resources: [fraud.yaml, settings.yaml, modelfn.lock.yaml]\n")
	write(t, filepath.Join(r.at(t, "apps/fraud"), "kustomization.yaml"), "resources: [../../models/fraud]\nnamePrefix: eu-\n")
	write(t, filepath.Join(r.at(t, "apps/other"), "settings.yaml"), "kind: ConfigMap\n")
	r.commit(t)
}

// listing makes a plugin say what it was sent, before it does what it does.
func listing(t *testing.T, pluginYAML string) string {
	t.Helper()
	var plugin map[string]any
	if err := yaml.Unmarshal([]byte(pluginYAML), &plugin); err != nil {
		t.Fatal(err)
	}
	generate := plugin["spec"].(map[string]any)["generate"].(map[string]any)
	const script = `cd "$ARGOCD_CMP_WORKDIR"; find . -path '*/_cmp_server/*' >&2; cd "$OLDPWD"; exec "$@"`
	generate["command"] = append([]any{"sh", "-c", script, "sh"}, generate["command"].([]any)...)
	return toYAML(t, plugin)
}

// TestMonorepo: an application in a subdirectory is rendered as in a checkout, whether
// Argo CD sends the whole repository or, told so, what the application's annotation
// lists. What is not sent is missed by name.
func TestMonorepo(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	sealed := filepath.Join(app, "platform.yaml")
	parts := []string{"--plugin-use-manifest-generate-paths"}
	for name, tt := range map[string]struct {
		server []string // its flags
		flags  []string // the application's
		sent   []string
		unsent []string
		refuse []string
	}{
		"the whole repository": {
			nil, nil, []string{"/.git/", "/apps/other/settings.yaml", "/models/fraud/fraud.yaml"}, nil, nil,
		},
		"without .git": {
			[]string{"--plugin-tar-exclude=.git/**"}, nil, []string{"/apps/other/settings.yaml"}, []string{"/.git/HEAD", "/.git/objects"}, nil,
		},
		"what the annotation lists": {
			parts, []string{"-generate-paths", ".;/models"}, []string{"/models/fraud/fraud.yaml"}, nil, nil,
		},
		"the application alone": {
			parts, []string{"-generate-paths", "."}, nil, []string{"/models/fraud/fraud.yaml", "/.git/"},
			[]string{"error: kustomize: ", `"../../models/fraud": no such file or directory; fix: correct the path, or list its directory`, "manifest-generate-paths"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepositoryOf(t, w, listing(t, sealedPlugin(t, sealed)), sealed, nil, tt.server...)
			r.monorepo(t, app)
			result := r.manifests(t, "apps/fraud", tt.flags...)
			sent := r.plugin.Log() + result.Stderr
			for _, want := range tt.sent {
				if !strings.Contains(sent, want) {
					t.Errorf("%s was not sent", want)
				}
			}
			for _, not := range tt.unsent {
				if strings.Contains(sent, not) {
					t.Errorf("%s was sent", not)
				}
			}
			if tt.refuse == nil {
				if diff := cmp.Diff(r.built(t, "apps/fraud"), r.rendered(t, result)); diff != "" {
					t.Errorf("-build, +Argo CD:\n%s", diff)
				}
				return
			}
			for _, want := range tt.refuse {
				if result.ExitCode == 0 || !strings.Contains(result.Stderr, want) {
					t.Errorf("exit %d, and the user does not read %q:\n%s", result.ExitCode, want, result.Stderr)
				}
			}
		})
	}
}

// TestRepositorySettings: what a repository says about its own rendering
// (.argocd-source.yaml) chooses neither the platform nor the program, and does not take
// the plugin out.
func TestRepositorySettings(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), nil)
	// Online: from another platform it would ask the registry.
	evil := strings.Replace(read(t, filepath.Join(app, "platform.yaml")), "spec:", "spec:\n  resolution: Online", 1)
	r.add(t, "plain", app)
	want := r.built(t, "plain")
	for name, tt := range map[string]struct{ settings, refused string }{
		"a platform":          {"plugin: {env: [{name: MODELFN_PLATFORM, value: evil.txt}]}", "MODELFN_PLATFORM"},
		"programs":            {"plugin: {env: [{name: PATH, value: .}]}", ""},
		"credentials":         {"plugin: {env: [{name: DOCKER_CONFIG, value: .}]}", ""},
		"no plugin":           {"plugin: null", ""},
		"a plain directory":   {"directory: {recurse: true}", "multiple application sources defined"},
		"kustomize":           {"plugin: null\nkustomize: {namePrefix: x-}", "multiple application sources defined"},
		"a plugin by no name": {"plugin: {name: ''}", "could not find plugin supporting the given repository"},
		"another plugin":      {"plugin: {name: other}", `could not find cmp-server plugin with name "other"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.ReplaceAll(name, " ", "-")
			dir := r.add(t, path, app)
			write(t, filepath.Join(dir, "evil.txt"), evil)
			write(t, filepath.Join(dir, ".argocd-source.yaml"), tt.settings+"\n")
			r.commit(t)
			result := r.manifests(t, path)
			switch {
			case result.ExitCode == 0 && tt.refused == "":
				if diff := cmp.Diff(want, r.rendered(t, result)); diff != "" {
					t.Errorf("-build, +Argo CD:\n%s", diff)
				}
			case tt.refused == "" || result.ExitCode == 0 || !strings.Contains(result.Stderr, tt.refused):
				t.Errorf("exit %d, want it refused with %q:\n%s", result.ExitCode, tt.refused, result.Stderr)
			}
		})
	}
}
