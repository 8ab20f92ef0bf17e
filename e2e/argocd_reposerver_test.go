package e2e_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// TestRepoServer: from a Git URL to manifests, Argo CD has the objects of modelfn
// build; it keeps them by the commit, and runs the plugin again only when it is told
// to. The registry is asked nothing.
func TestRepoServer(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), nil)
	dir := r.add(t, "teams/ml/prod", app)
	if err := os.Remove(filepath.Join(dir, "platform.yaml")); err != nil {
		t.Fatal(err)
	}
	r.commit(t)
	asked := len(w.server.Requests())

	want := r.built(t, "teams/ml/prod")
	for _, id := range []string{"InferenceService ml-serving/fraud", "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud", "ConfigMap ml-serving/settings"} {
		if want[id] == nil {
			t.Errorf("modelfn build: no %s", id)
		}
	}
	for _, turn := range []struct {
		name  string
		flags []string
		runs  int
	}{
		{"first", nil, 1}, {"kept", nil, 1}, {"hard refresh", []string{"-hard"}, 2}, {"another application", []string{"-app", "other"}, 3},
	} {
		t.Run(turn.name, func(t *testing.T) {
			if diff := cmp.Diff(want, r.rendered(t, r.manifests(t, "teams/ml/prod", turn.flags...))); diff != "" {
				t.Errorf("-build, +Argo CD:\n%s", diff)
			}
			if r.runs() != turn.runs {
				t.Errorf("the plugin ran %d times, want %d", r.runs(), turn.runs)
			}
		})
	}
	if got := w.server.Requests()[asked:]; len(got) > 0 {
		t.Errorf("rendering asked the registry: %v", got)
	}

	// Of another platform Argo CD does not hear: it stands in no commit.
	write(t, r.sealed, read(t, r.sealed)+"  policy: {engine: None}\n")
	const policy = "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"
	if r.rendered(t, r.manifests(t, "teams/ml/prod"))[policy] == nil {
		t.Error("another platform is noticed without a hard refresh: the documentation says otherwise")
	}
	if r.rendered(t, r.manifests(t, "teams/ml/prod", "-hard"))[policy] != nil {
		t.Error("a hard refresh renders by the old platform")
	}
}

// Secrets of a sidecar: of a cloud, and of registries in a Docker configuration.
const cloudSecret, registrySecret = "cloud-secret-4711", "registry-secret-0815"

func secrets(t *testing.T, registry string) []string {
	t.Helper()
	return []string{
		"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=" + cloudSecret,
		"DOCKER_CONFIG=" + dockerConfig(t, registry, "robot", registrySecret),
	}
}

// wantNoSecrets looks for them in all that Argo CD has of a render.
func (r *repository) wantNoSecrets(t *testing.T, result host.Result) {
	t.Helper()
	if leaked := r.leaked(result); leaked != "" {
		t.Errorf("it leaks %s:\n%s", leaked, result.Stderr)
	}
}

func (r *repository) leaked(result host.Result) string {
	all := result.Stdout + result.Stderr + r.plugin.Log() + r.server.Log()
	for _, secret := range []string{cloudSecret, registrySecret, base64.StdEncoding.EncodeToString([]byte("robot:" + registrySecret))} {
		if strings.Contains(all, secret) {
			return secret
		}
	}
	return ""
}

// TestRepoServerRefuses: what the user of Argo CD reads about a package that is
// refused says the rule and what to do, in one line for each finding, and no secret
// of the sidecar.
func TestRepoServerRefuses(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	locked := read(t, filepath.Join(app, lockFile))
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), secrets(t, w.server.Host()))

	for name, tt := range map[string]struct {
		change func(t *testing.T, dir string)
		// errors is how many findings there are, and wants what they say.
		errors int
		wants  []string
	}{
		"an edited lock": {
			func(t *testing.T, dir string) { write(t, filepath.Join(dir, lockFile), oneDigitOff(locked)) }, 1,
			[]string{"error: lock-edited: ", "fix: restore modelfn.lock.yaml from Git"},
		},
		"no lock": {
			func(t *testing.T, dir string) {
				if err := os.Remove(filepath.Join(dir, lockFile)); err != nil {
					t.Fatal(err)
				}
			}, 2,
			[]string{"error: not-locked: ", "spec.model", "spec.canary.model", "modelfn lock"},
		},
		"another platform": {
			func(t *testing.T, dir string) {
				platform := read(t, filepath.Join(dir, "platform.yaml"))
				write(t, filepath.Join(dir, "platform.yaml"), strings.Replace(platform, "models/**", "**", 1))
			}, 1,
			[]string{"error: platform-sealed: ", "spec.trust: ", "fix: remove the field"},
		},
		"nothing at all": {
			func(t *testing.T, dir string) {
				if err := os.Remove(filepath.Join(dir, "fraud.yaml")); err != nil {
					t.Fatal(err)
				}
			}, 1,
			[]string{"error: no-deployment: ", "fix: name the directory that has one"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.ReplaceAll(name, " ", "-")
			tt.change(t, r.add(t, path, app))
			r.commit(t)
			result := r.manifests(t, path)
			if result.ExitCode != 1 || result.Stdout != "" {
				t.Errorf("exit %d, stdout:\n%s", result.ExitCode, result.Stdout)
			}
			for _, want := range append(tt.wants, "failed exit status 1: ") {
				if !strings.Contains(result.Stderr, want) {
					t.Errorf("the user does not read %q:\n%s", want, result.Stderr)
				}
			}
			if n := strings.Count(result.Stderr, "error: ") - strings.Count(result.Stderr, "rpc error: "); n != tt.errors {
				t.Errorf("%d findings, want %d:\n%s", n, tt.errors, result.Stderr)
			}
			r.wantNoSecrets(t, result)
		})
	}
}

// TestSecretsAreSeen: a plugin that prints its variables is found out, so that the
// look for secrets is none that finds nothing.
func TestSecretsAreSeen(t *testing.T) {
	w := named(t)
	r := newRepositoryOf(t, w, fmt.Sprintf(scriptYAML, "env >&2; exit 1"), "", secrets(t, w.server.Host()))
	write(t, filepath.Join(r.at(t, "app"), "file"), "")
	r.commit(t)
	if r.leaked(r.manifests(t, "app")) != cloudSecret {
		t.Error("nobody sees that it leaks")
	}
}

// scriptYAML is a plugin that runs a script.
const scriptYAML = `apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata:
  name: modelfn
spec:
  generate:
    command: [sh, -c, %q]
`

// TestRepoServerKeepsErrors: an error is kept as well, after three of them; what
// mends it is a commit, and that is rendered at once.
func TestRepoServerKeepsErrors(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), nil)
	lock := filepath.Join(r.add(t, "prod", app), lockFile)
	locked := read(t, lock)
	write(t, lock, oneDigitOff(locked))
	r.commit(t)
	for turn := range 5 {
		result := r.manifests(t, "prod")
		if kept := strings.Contains(result.Stderr, "Manifest generation error (cached)"); kept != (turn >= 3) {
			t.Errorf("turn %d: kept: %t:\n%s", turn, kept, result.Stderr)
		}
		if !strings.Contains(result.Stderr, "lock-edited") {
			t.Errorf("turn %d: the user does not read the reason:\n%s", turn, result.Stderr)
		}
	}
	if r.runs() != 3 {
		t.Errorf("the plugin ran %d times, want 3", r.runs())
	}
	write(t, lock, locked)
	r.commit(t)
	if diff := cmp.Diff(r.built(t, "prod"), r.rendered(t, r.manifests(t, "prod"))); diff != "" {
		t.Errorf("-build, +Argo CD:\n%s", diff)
	}
}
