package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// TestApplicationParameters: what an Application says reaches the plugin that ships,
// through Argo CD's repo-server, as the same flags of build do on a laptop; and what it
// may not say is refused where its user reads it.
func TestApplicationParameters(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	write(t, filepath.Join(app, "fraud.yaml"), strings.Replace(read(t, filepath.Join(app, "fraud.yaml")), "  namespace: ml-serving\n", "", 1))
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), nil)
	r.add(t, "app", app)
	said := r.add(t, "said", app)
	write(t, filepath.Join(said, ".argocd-source.yaml"), "plugin: {name: modelfn, parameters: [{name: allowCanary, string: 'false'}]}\n")
	r.commit(t)

	in := func(namespace string) objects {
		return parseObjects(t, stdout(t, r.run(t, r.dir, "build", "--platform", r.sealed, "--namespace", namespace, "app")))
	}
	const elsewhere = `[{"name": "namespace", "string": "elsewhere"}]`
	for name, tt := range map[string]struct {
		path    string
		flags   []string
		want    objects
		refused string
	}{
		"none":                   {path: "app", want: r.built(t, "app")},
		"a namespace":            {path: "app", flags: []string{"-parameters", elsewhere}, want: in("elsewhere")},
		"by a variable":          {path: "app", flags: []string{"-env", "MODELFN_NAMESPACE=elsewhere"}, want: in("elsewhere")},
		"the destination":        {path: "app", flags: []string{"-env", "MODELFN_NAMESPACE=$ARGOCD_APP_NAMESPACE"}, want: in("ml-serving")},
		"both, and the same":     {path: "app", flags: []string{"-parameters", elsewhere, "-env", "MODELFN_NAMESPACE=elsewhere"}, want: in("elsewhere")},
		"both, and not the same": {path: "app", flags: []string{"-parameters", elsewhere, "-env", "MODELFN_NAMESPACE=ml"}, refused: `say it once`},
		"no canary":              {path: "app", flags: []string{"-parameters", `[{"name": "allowCanary", "string": "false"}]`}, refused: "error: canary-not-allowed: ModelDeployment fraud (fraud.yaml) spec.canary: "},
		"no canary, says a file": {path: "said", refused: "error: canary-not-allowed: "},
		"a platform":             {path: "app", flags: []string{"-parameters", `[{"name": "platform", "string": "evil.yaml"}]`}, refused: `modelfn knows no "platform": an Application does not choose whom to trust`},
		"a typo":                 {path: "app", flags: []string{"-parameters", `[{"name": "namspace", "string": "x"}]`}, refused: "did you mean namespace?"},
		"a list":                 {path: "app", flags: []string{"-parameters", `[{"name": "namespace", "array": ["x"]}]`}, refused: "namespace: a list or a map, where text is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			result := r.manifests(t, tt.path, tt.flags...)
			if tt.refused == "" {
				if diff := cmp.Diff(tt.want, r.rendered(t, result)); diff != "" {
					t.Errorf("-build, +Argo CD:\n%s", diff)
				}
				return
			}
			if result.ExitCode == 0 || !strings.Contains(result.Stderr, tt.refused) {
				t.Errorf("exit %d, want it refused with %q:\n%s", result.ExitCode, tt.refused, result.Stderr)
			}
		})
	}
}

// TestParametersAreAnnounced: Argo CD's user interface is told of allowCanary always,
// by plugin.yaml, and of namespace where a model names none, by modelfn.
func TestParametersAreAnnounced(t *testing.T) {
	w := named(t)
	app := w.app(t, variant{})
	plugin := host.CMP(t, read(t, "../examples/argocd/plugin.yaml"), []string{"PATH=" + w.path(t)})
	const always = `{"name":"allowCanary",`
	result := plugin.Announce(t, app, app)
	if result.ExitCode != 0 || !strings.Contains(result.Stderr, always) || strings.Contains(result.Stderr, `"name":"namespace"`) {
		t.Errorf("exit %d: %s", result.ExitCode, result.Stderr)
	}
	write(t, filepath.Join(app, "fraud.yaml"), strings.Replace(read(t, filepath.Join(app, "fraud.yaml")), "  namespace: ml-serving\n", "", 1))
	result = plugin.Announce(t, app, app)
	for _, want := range []string{always, `"name":"namespace"`, "1 of 1 ModelDeployments name no namespace: fraud"} {
		if !strings.Contains(result.Stderr, want) {
			t.Errorf("not announced: %s\n%s", want, result.Stderr)
		}
	}
}
