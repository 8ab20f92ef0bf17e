package e2e_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// atOnce is how many applications are rendered at the same time: the plugin's server
// has no limit of its own.
const atOnce = 50

// TestPluginAtOnce: the plugin renders many applications at the same time, each as
// modelfn build does, and none of them fails.
func TestPluginAtOnce(t *testing.T) {
	w, press := pressed(t)
	platform := w.platform(t)
	var paths, apps []string
	for i := range atOnce {
		path := fmt.Sprintf("models/m%02d:v1", i)
		paths = append(paths, path)
		apps = append(apps, directory(t, platform, map[string]spec{fmt.Sprintf("m%02d", i): {"model": w.uri("kit://", path)}}))
	}
	pressAll(t, press, pressBundle, paths)
	for _, app := range apps {
		w.lock(t, app)
	}
	sealed := filepath.Join(apps[0], "platform.yaml")
	plugin := host.CMP(t, sealedPlugin(t, sealed), []string{"PATH=" + w.path(t)})
	asked := len(w.server.Requests())
	made, memory := plugin.GenerateAll(t, apps)
	if len(made) != atOnce {
		t.Fatalf("%d answers, want %d", len(made), atOnce)
	}
	slowest := slices.MaxFunc(made, func(a, b host.Made) int { return int(1000 * (a.Seconds - b.Seconds)) })
	t.Logf("%d at once: the last is done after %.1f s; %d MiB at the most, of the server and all that it started", atOnce, slowest.Seconds, memory>>20)
	for i, one := range made {
		if one.Error != "" {
			t.Errorf("%s: %s", one.App, one.Error)
			continue
		}
		got := parseObjects(t, strings.Join(one.Manifests, "\n---\n"))
		want := parseObjects(t, stdout(t, w.run(t, apps[i], "build", "--platform", sealed)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -build, +plugin:\n%s", one.App, diff)
		}
		if want[fmt.Sprintf("InferenceService ml-serving/m%02d", i)] == nil {
			t.Errorf("m%02d is not rendered", i)
		}
	}
	if got := w.server.Requests()[asked:]; len(got) > 0 {
		t.Errorf("rendering asked the registry: %v", got)
	}
}

// TestPluginIsNamed: the plugin that ships takes no application that does not name it.
// Told to look for a lock, it takes those with one.
func TestPluginIsNamed(t *testing.T) {
	w, press := pressed(t)
	pressAll(t, press, pressBundle, []string{"models/fraud:v7"})
	app := directory(t, w.platform(t), map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:v7")}})
	w.lock(t, app)
	var discovering map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "../examples/argocd/plugin.yaml")), &discovering); err != nil {
		t.Fatal(err)
	}
	discovering["spec"].(map[string]any)["discover"] = map[string]any{"fileName": "./" + lockFile}
	for name, tt := range map[string]struct{ plugin, app, want string }{
		"as it ships":                      {read(t, "../examples/argocd/plugin.yaml"), app, "isSupported=false isDiscoveryEnabled=false"},
		"discovering, with a lock":         {toYAML(t, discovering), app, "isSupported=true isDiscoveryEnabled=true"},
		"discovering, a directory of YAML": {toYAML(t, discovering), "../e2e/testdata/app", "isSupported=false isDiscoveryEnabled=true"},
	} {
		t.Run(name, func(t *testing.T) {
			result := host.CMP(t, tt.plugin, []string{"PATH=" + w.path(t)}).Match(t, tt.app, tt.app)
			if result.ExitCode != 0 || !strings.Contains(result.Stderr, tt.want) {
				t.Errorf("exit %d, want %s:\n%s", result.ExitCode, tt.want, result.Stderr)
			}
		})
	}
}

// online is a platform that has the registry asked at render.
func (w world) online(t *testing.T) string {
	t.Helper()
	platform := w.platform(t)
	platform["spec"].(map[string]any)["resolution"] = "Online"
	sealed := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, sealed, toYAML(t, platform))
	return sealed
}

// TestPluginRetries: what a registry fails at for a moment is tried again within the
// render, so that Argo CD sees no error, which it would keep.
func TestPluginRetries(t *testing.T) {
	var left atomic.Int32
	w, app := faulty(t, func(rw http.ResponseWriter, req *http.Request, next http.Handler) {
		if left.Add(-1) >= 0 {
			rw.Header().Set("Retry-After", "1")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(rw, req)
	})
	sealed := w.online(t)
	write(t, filepath.Join(app, "platform.yaml"), read(t, sealed))
	want := parseObjects(t, stdout(t, w.run(t, app, "build", "--platform", sealed)))
	plugin := host.CMP(t, sealedPlugin(t, sealed), []string{"PATH=" + w.path(t)})
	left.Store(2)
	asked := len(w.server.Requests())
	got := parseObjects(t, stdout(t, plugin.Generate(t, app, app)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-build, +plugin:\n%s", diff)
	}
	if left.Load() > 0 || len(w.server.Requests()) == asked {
		t.Errorf("the registry failed %d times less than it was to", left.Load())
	}
}

// TestPluginGivesUp: a registry that says nothing ends as an error with the reason,
// by modelfn's own deadline and not by Argo CD's, which would say nothing but "killed".
func TestPluginGivesUp(t *testing.T) {
	w, app := faulty(t, func(_ http.ResponseWriter, req *http.Request, _ http.Handler) { <-req.Context().Done() })
	sealed := w.online(t)
	write(t, filepath.Join(app, "platform.yaml"), read(t, sealed))
	plugin := host.CMP(t, sealedPlugin(t, sealed, "--timeout", "2s"), []string{"PATH=" + w.path(t)})
	result := plugin.Generate(t, app, app)
	for _, want := range []string{"failed exit status 3: error: " + unavailable, "no answer within the time that was given (--timeout)"} {
		if !strings.Contains(result.Stderr, want) {
			t.Errorf("the user does not read %q:\n%s", want, result.Stderr)
		}
	}
	if result.ExitCode != 1 || result.Stdout != "" {
		t.Errorf("exit %d, stdout:\n%s", result.ExitCode, result.Stdout)
	}
	// Without --timeout it is given in the help.
	help := stdout(t, w.run(t, app, "build", "--help"))
	if want := "(default 40s)"; !strings.Contains(help, want) {
		t.Errorf("no %s:\n%s", want, help)
	}
}

// TestPluginKeepsSecrets: a registry that does not accept the sidecar's credentials is
// an error that says where they are, and not what they are.
func TestPluginKeepsSecrets(t *testing.T) {
	w := newWorld(t, registry.Real(t, registry.Debian), nil)
	if err := w.publisher.SignLegacy(t.Context(), w.key, w.kit(t, "v7")); err != nil {
		t.Fatal(err)
	}
	sealed := w.online(t)
	app := directory(t, w.platform(t), map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:v7")}})
	write(t, filepath.Join(app, "platform.yaml"), read(t, sealed))
	user, password := w.server.Login()
	wrong := dockerConfig(t, w.server.Host(), user, "wrong "+password)
	plugin := host.CMP(t, sealedPlugin(t, sealed), []string{"PATH=" + w.path(t), "DOCKER_CONFIG=" + wrong})
	result := plugin.Generate(t, app, app)
	for _, want := range []string{unavailable, "401 Unauthorized", "it did not accept the credentials for " + w.server.Host() + " in " + wrong + "/config.json"} {
		if result.ExitCode != 1 || !strings.Contains(result.Stderr, want) {
			t.Errorf("exit %d, and the user does not read %q:\n%s", result.ExitCode, want, result.Stderr)
		}
	}
	wantNoSecret(t, result.Stdout+result.Stderr+plugin.Log(), user, password)

	right := host.CMP(t, sealedPlugin(t, sealed), []string{"PATH=" + w.path(t), "DOCKER_CONFIG=" + dockerConfig(t, w.server.Host(), user, password)})
	made := right.Generate(t, app, app)
	if parseObjects(t, stdout(t, made))["InferenceService ml-serving/fraud"] == nil {
		t.Error("with the right password there is no InferenceService")
	}
	wantNoSecret(t, made.Stdout+made.Stderr+right.Log(), user, password)
}
