package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

const transformerKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [fraud.yaml, settings.yaml, modelfn.lock.yaml]
transformers: [platform.yaml]
`

const generatorKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [settings.yaml]
generators: [fraud.yaml]
`

// kptfile runs modelfn as kpt's only mutator; %s holds the mutator's fields.
const kptfile = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: app
pipeline:
  mutators:
  - %s
`

const ourImage = "container: {image: ghcr.io/modelfn/modelfn:v0}"

// TestHostsAgree renders one directory in every host. Each gives the same
// objects, and none of them asks the registry for anything.
func TestHostsAgree(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	locked := read(t, filepath.Join(app, "modelfn.lock.yaml"))
	asked := len(w.server.Requests())

	first := stdout(t, w.run(t, app, "build"))
	if second := stdout(t, w.run(t, app, "build", ".")); first != second {
		t.Errorf("two builds differ:\n%s", cmp.Diff(first, second))
	}
	want := parseObjects(t, first)
	for _, id := range []string{"InferenceService ml-serving/fraud", "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud", "ConfigMap ml-serving/settings"} {
		if want[id] == nil {
			t.Errorf("modelfn build: no %s", id)
		}
	}

	exec := "exec: {path: " + w.modelfn + "}"
	hosts := map[string]func(*testing.T) objects{
		"stdin": func(t *testing.T) objects {
			result := host.Run(t, host.Command{Path: w.modelfn, Stdin: resourceList(t, app)})
			return parseObjects(t, strings.Join(items(t, stdout(t, result)), "---\n"))
		},
		"build of a kustomization": func(t *testing.T) objects {
			dir := kustomized(t, w.app(t, variant{Function: ourImage}), transformerKustomization, locked)
			return parseObjects(t, stdout(t, w.run(t, dir, "build")))
		},
		"build of a kustomization without a function": func(t *testing.T) objects {
			dir := kustomized(t, w.app(t, variant{}), strings.Replace(transformerKustomization, "transformers: [platform.yaml]", "", 1), locked)
			kustomization := read(t, filepath.Join(dir, "kustomization.yaml"))
			write(t, filepath.Join(dir, "kustomization.yaml"), strings.Replace(kustomization, "[fraud", "[platform.yaml, fraud", 1))
			return parseObjects(t, stdout(t, w.run(t, dir, "build")))
		},
		"kustomize transformer": func(t *testing.T) objects {
			dir := kustomized(t, w.app(t, variant{Function: exec}), transformerKustomization, locked)
			return parseObjects(t, stdout(t, host.Kustomize(t, dir, "--enable-alpha-plugins", "--enable-exec")))
		},
		"kustomize generator": func(t *testing.T) objects {
			// One file is all a generator gets: the lock goes into it, and the
			// platform comes from the environment.
			dir := w.app(t, variant{Generator: true})
			write(t, filepath.Join(dir, "modelfn.lock.yaml"), locked)
			w.lock(t, dir, "--inline")
			if err := os.Remove(filepath.Join(dir, "modelfn.lock.yaml")); err != nil {
				t.Fatal(err)
			}
			kustomized(t, dir, generatorKustomization, "")
			t.Setenv("MODELFN_PLATFORM", filepath.Join(dir, "platform.yaml"))
			return parseObjects(t, stdout(t, host.Kustomize(t, dir, "--enable-alpha-plugins", "--enable-exec")))
		},
		"kpt": func(t *testing.T) objects {
			dir := packaged(t, app, "exec: "+w.modelfn)
			stdout(t, host.Kpt(t, dir, "fn", "render", ".", "--allow-exec"))
			return readObjects(t, dir)
		},
		"kpt with configPath": func(t *testing.T) objects {
			dir := packaged(t, app, "exec: "+w.modelfn+"\n    configPath: platform.yaml")
			stdout(t, host.Kpt(t, dir, "fn", "render", ".", "--allow-exec"))
			return readObjects(t, dir)
		},
		"argocd": func(t *testing.T) objects {
			plugin := host.CMP(t, fmt.Sprintf(pluginYAML, w.modelfn), nil)
			return parseObjects(t, stdout(t, plugin.Generate(t, app, app)))
		},
	}
	for name, render := range hosts {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, render(t)); diff != "" {
				t.Errorf("modelfn build and %s differ: -build, +%s:\n%s", name, name, diff)
			}
		})
	}
	if got := w.server.Requests()[asked:]; len(got) > 0 {
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

// kustomized adds a kustomization and a lock to an app directory.
func kustomized(t *testing.T, dir, kustomization, locked string) string {
	t.Helper()
	write(t, filepath.Join(dir, "kustomization.yaml"), kustomization)
	if locked != "" {
		write(t, filepath.Join(dir, "modelfn.lock.yaml"), locked)
	}
	return dir
}

// packaged copies an app directory and makes a kpt package of it: kpt renders
// in place.
func packaged(t *testing.T, app, mutator string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(app)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "Kptfile"), fmt.Sprintf(kptfile, mutator))
	return dir
}

// TestKptInPlace: a second render changes no byte, foreign files are as they
// were, and without the canary what was generated for it is gone.
func TestKptInPlace(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	dir := packaged(t, app, "exec: "+w.modelfn)
	before := tree(t, dir)
	render := func() map[string]string {
		t.Helper()
		stdout(t, host.Kpt(t, dir, "fn", "render", ".", "--allow-exec"))
		return tree(t, dir)
	}
	first := render()
	for _, name := range []string{"platform.yaml", "modelfn.lock.yaml", "settings.yaml", "fraud.yaml"} {
		if !strings.Contains(first[name], strings.SplitN(before[name], "\n", 2)[0]) {
			t.Errorf("%s lost its first line", name)
		}
	}
	if !strings.Contains(first["settings.yaml"], "# last letter first\n  alpha:") {
		t.Errorf("settings.yaml lost a comment or its order:\n%s", first["settings.yaml"])
	}
	if diff := cmp.Diff(first, render()); diff != "" {
		t.Errorf("the second render changed files (-first +second):\n%s", diff)
	}
	if !strings.Contains(first["fraud.modelfn.yaml"], "canaryTrafficPercent: 10") {
		t.Fatalf("no canary in fraud.modelfn.yaml:\n%s", first["fraud.modelfn.yaml"])
	}

	deployment := read(t, filepath.Join(dir, "fraud.yaml"))
	stable, _, _ := strings.Cut(deployment, "  canary:")
	write(t, filepath.Join(dir, "fraud.yaml"), stable)
	// The lock's entry for the canary is now one that nobody names: a warning.
	without := render()
	for _, gone := range []string{"canaryTrafficPercent: ", "canary-digest"} {
		if strings.Contains(without["fraud.modelfn.yaml"], gone) {
			t.Errorf("%s is still there without the canary", gone)
		}
	}
	delete(first, "fraud.yaml")
	delete(first, "fraud.modelfn.yaml")
	for name := range first {
		if diff := cmp.Diff(first[name], without[name]); diff != "" {
			t.Errorf("%s changed with the canary (-before +after):\n%s", name, diff)
		}
	}

	// Without an engine the policy is pruned, and nothing else.
	platform := read(t, filepath.Join(dir, "platform.yaml"))
	write(t, filepath.Join(dir, "platform.yaml"), platform+"  policy: {engine: None}\n")
	render()
	left := readObjects(t, dir)
	if len(left) != 3 || left["InferenceService ml-serving/fraud"] == nil || left["ConfigMap ml-serving/modelfn-fraud"] == nil || left["ConfigMap ml-serving/settings"] == nil {
		t.Errorf("left after pruning the policy: %v", left)
	}
}
