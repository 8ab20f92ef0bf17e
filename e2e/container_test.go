package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/podman"
)

// imageName is what the image is called in ourImage.
const imageName = "ghcr.io/modelfn/modelfn:v0"

// engine has the image of this checkout, and no other.
func engine(t *testing.T) *podman.Engine {
	t.Helper()
	layout, err := peer.Image()
	if err != nil {
		t.Fatal(err)
	}
	e := podman.Start(t)
	e.Load(t, layout+".tar", imageName)
	return e
}

// containerHosts are the hosts that run the image, given an app directory and its
// lock; kustomize and kpt do not tell podman from Docker.
func (w world) containerHosts(e *podman.Engine, v variant, locked string) map[string]func(*testing.T) host.Result {
	return map[string]func(*testing.T) host.Result{
		"kustomize":   func(t *testing.T) host.Result { return w.containerKustomize(t, e, v, locked) },
		"kpt, docker": func(t *testing.T) host.Result { return w.containerKpt(t, e, "docker", v, locked) },
		"kpt, podman": func(t *testing.T) host.Result { return w.containerKpt(t, e, "podman", v, locked) },
		"function":    func(t *testing.T) host.Result { return w.containerFunction(t, e, v, locked) },
		"sidecar":     func(t *testing.T) host.Result { return w.containerSidecar(t, e, v, locked) },
	}
}

// containerKustomize is stock kustomize: it starts what it finds as docker.
func (w world) containerKustomize(t *testing.T, e *podman.Engine, v variant, locked string) host.Result {
	t.Helper()
	v.Function = ourImage
	dir := kustomized(t, w.app(t, v), transformerKustomization, locked)
	return stockKustomize(t, e, dir)
}

// stockKustomize may run images, but no programs.
func stockKustomize(t *testing.T, e *podman.Engine, dir string) host.Result {
	t.Helper()
	return host.Run(t, host.Command{
		Path: host.Peer(t, peer.Kustomize), Args: []string{"build", ".", "--enable-alpha-plugins"}, Dir: dir, Env: e.Env(),
	})
}

// containerKpt is kpt with a container runtime of its two. Stdout is the package
// as it was left, if it was rendered.
func (w world) containerKpt(t *testing.T, e *podman.Engine, runtime string, v variant, locked string) host.Result {
	t.Helper()
	app := w.app(t, v)
	write(t, filepath.Join(app, lockFile), locked)
	dir := packaged(t, app, "image: "+imageName)
	result := host.Run(t, host.Command{
		Path: host.Peer(t, peer.Kpt), Args: []string{"fn", "render", ".", "--image-pull-policy", "never", "--truncate-output=false"},
		Dir: dir, Env: append(e.Env(), "KRM_FN_RUNTIME="+runtime),
	})
	result.Stderr += result.Stdout // kpt's own words
	result.Stdout = ""
	for _, content := range tree(t, dir) {
		result.Stdout += "---\n" + content + "\n"
	}
	return result
}

// confined are flags under which a container can do the least: nothing may be
// written, not even in /tmp.
var confined = []string{
	"run", "--rm", "-i", "--pull=never", "--read-only", "--read-only-tmpfs=false", "--network", "none",
	"--user", "nobody", "--security-opt=no-new-privileges", "--cap-drop=all",
}

// containerFunction hands a ResourceList to the image.
func (w world) containerFunction(t *testing.T, e *podman.Engine, v variant, locked string) host.Result {
	t.Helper()
	app := w.app(t, v)
	write(t, filepath.Join(app, lockFile), locked)
	result := e.Podman(t, resourceList(t, app), append(confined[:len(confined):len(confined)], imageName)...)
	if result.ExitCode == 0 {
		result.Stdout = strings.Join(items(t, result.Stdout), "---\n")
	}
	return result
}

// containerSidecar is `modelfn build` as in a sidecar of Argo CD's: a user that no
// file names, no HOME, and only /tmp to write in.
func (w world) containerSidecar(t *testing.T, e *podman.Engine, v variant, locked string) host.Result {
	t.Helper()
	app := w.app(t, v)
	write(t, filepath.Join(app, lockFile), locked)
	readable(t, app)
	return e.Podman(t, "", "run", "--rm", "--pull=never", "--read-only", "--tmpfs", "/tmp", "--network", "none", "--user", "999",
		"--unsetenv", "HOME", "--security-opt=no-new-privileges", "--cap-drop=all",
		"--volume", app+":/app:ro", imageName, "build", "/app")
}

// readable lets others into a directory of the test's.
func readable(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestContainerHosts renders one directory in every host that runs the image.
// Each gives the objects that build gives on the machine itself.
func TestContainerHosts(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	want := parseObjects(t, stdout(t, w.run(t, app, "build")))
	if want["InferenceService ml-serving/fraud"] == nil {
		t.Fatalf("no InferenceService in %v", want)
	}
	for name, render := range w.containerHosts(engine(t), variant{}, read(t, filepath.Join(app, lockFile))) {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, parseObjects(t, stdout(t, render(t)))); diff != "" {
				t.Errorf("modelfn build and %s differ: -build, +%s:\n%s", name, name, diff)
			}
		})
	}
}

// TestContainerRefusalIsSeen: what is refused is refused in every container, with
// rule and fix where that host's user reads them.
func TestContainerRefusalIsSeen(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	locked := read(t, filepath.Join(app, lockFile))
	e := engine(t)
	for kind, tt := range map[string]struct {
		v      variant
		locked string
		build  int // how `modelfn build` exits; hosts make 1 of every fault
		reads  []string
	}{
		"edited lock": {variant{}, oneDigitOff(locked), 1, []string{"lock-edited", "fix: restore modelfn.lock.yaml from Git"}},
		// No container has a network, so what only a registry can say is not found out.
		"no network": {variant{Online: true}, locked, 3, []string{"registry-unavailable", "dial tcp: lookup registry.example.com", "fix: try again"}},
	} {
		for name, render := range w.containerHosts(e, tt.v, tt.locked) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				exit := 1
				if name == "sidecar" {
					exit = tt.build
				}
				result := render(t)
				if result.ExitCode != exit {
					t.Errorf("exit %d, want %d", result.ExitCode, exit)
				}
				if strings.Contains(result.Stdout, "kind: InferenceService") {
					t.Errorf("an InferenceService came out:\n%s", result.Stdout)
				}
				for _, want := range tt.reads {
					if !strings.Contains(result.Stderr, want) {
						t.Errorf("the user does not read %q:\n%s", want, result.Stderr)
					}
				}
			})
		}
	}
}

// TestContainerIsConfined: with the very arguments that kustomize and kpt start the
// image with, its process is nobody's, has no capabilities, cannot get any, and has
// no network.
func TestContainerIsConfined(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	locked := read(t, filepath.Join(app, lockFile))
	e := engine(t)
	for name, render := range map[string]func(*testing.T) host.Result{
		"kustomize": func(t *testing.T) host.Result { return w.containerKustomize(t, e, variant{}, locked) },
		"kpt":       func(t *testing.T) host.Result { return w.containerKpt(t, e, "podman", variant{}, locked) },
	} {
		t.Run(name, func(t *testing.T) {
			stdout(t, render(t))
			calls := e.Calls(t)
			call := calls[len(calls)-1]
			if call[0] != "run" || call[len(call)-1] != imageName {
				t.Fatalf("%s called podman with %q", name, call)
			}
			want := podman.Process{
				User: []string{"65534", "65534", "65534", "65534"}, Capabilities: "0000000000000000",
				NoNewPrivs: true, NetworkDevice: []string{"lo"},
			}
			if diff := cmp.Diff(want, e.Hold(t, call)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", call, diff)
			}
		})
	}
}
