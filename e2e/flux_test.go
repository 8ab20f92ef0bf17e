package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

const (
	fluxExamples = "../examples/flux/"
	// manifests is where releases go, in the world's registry.
	manifests = "manifests/ml-serving"
)

// released is a world in which manifests are released for Flux: the quickstart's
// models and platform, the example's script, and a key that it signs with.
type released struct {
	world
	app string
	// env is the script's, by name.
	env map[string]string
}

func newReleased(t *testing.T) released {
	t.Helper()
	r := released{world: named(t), app: t.TempDir()}
	for _, file := range []string{"fraud.yaml", "modelfn.lock.yaml", "kustomization.yaml", "platform.yaml"} {
		write(t, filepath.Join(r.app, file), quickstart(t, file))
	}
	bin := t.TempDir()
	for program, path := range map[string]string{"modelfn": r.modelfn, "flux": host.Peer(t, peer.Flux), "cosign": host.Peer(t, peer.Cosign3)} {
		if err := os.Symlink(path, filepath.Join(bin, program)); err != nil {
			t.Fatal(err)
		}
	}
	// cosign is kept from asking the network for what it may use there.
	offline := filepath.Join(bin, "offline.json")
	stdout(t, host.Run(t, host.Command{Path: host.Peer(t, peer.Cosign3), Args: []string{"signing-config", "create", "--out", offline}}))
	r.env = map[string]string{
		"PATH": bin + ":" + os.Getenv("PATH"), "HOME": t.TempDir(), "COSIGN_PASSWORD": "",
		"PLATFORM": filepath.Join(r.app, "platform.yaml"), "SOURCE": "https://git.example.com/ml/models.git",
		"REVISION":          "main@sha1:" + strings.Repeat("0a", 20),
		"COSIGN_SIGN_FLAGS": "--key " + r.key.Private + " --signing-config " + offline,
	}
	return r
}

// release runs the example's script, as its workflow does.
func (r released) release(t *testing.T) host.Result {
	t.Helper()
	return r.script(t, fluxExamples+"release.sh", r.app, r.repository(), "prod")
}

func (r released) repository() string { return r.server.Host() + "/" + manifests }

// script runs a program where the script's programs are found, and the registry.
func (r released) script(t *testing.T, program string, args ...string) host.Result {
	t.Helper()
	path, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	env := r.server.Env()
	for _, key := range slices.Sorted(maps.Keys(r.env)) {
		env = append(env, key+"="+r.env[key])
	}
	return host.Run(t, host.Command{Path: path, Args: args, Env: env})
}

// flux runs the command-line program.
func (r released) flux(t *testing.T, args ...string) string {
	t.Helper()
	return stdout(t, r.script(t, host.Peer(t, peer.Flux), args...))
}

// tags of what was released.
func (r released) tags(t *testing.T) []string {
	t.Helper()
	repository, err := r.server.Repository(manifests)
	if err != nil {
		t.Fatal(err)
	}
	tags, err := remote.List(repository, r.server.Remote(t.Context())...)
	if err != nil && !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Fatal(err)
	}
	return slices.DeleteFunc(tags, func(tag string) bool { return strings.HasPrefix(tag, "sha256-") })
}

// TestFluxRelease: what Flux's client pulls is what build prints, byte for byte,
// of the types that source-controller takes, and signed; once more is the same.
func TestFluxRelease(t *testing.T) {
	r := newReleased(t)
	first := stdout(t, r.release(t))
	digest, err := name.NewDigest(strings.TrimSpace(first[strings.LastIndex(strings.TrimSpace(first), "\n")+1:]))
	if err != nil {
		t.Fatal(err)
	}
	pulled := t.TempDir()
	r.flux(t, "pull", "artifact", "oci://"+r.repository()+":prod", "--output", pulled)
	want := map[string]string{"rendered.yaml": stdout(t, r.run(t, r.app, "build", "--platform", r.env["PLATFORM"]))}
	if diff := cmp.Diff(want, tree(t, pulled)); diff != "" {
		t.Errorf("-build, +pulled:\n%s", diff)
	}
	image, err := remote.Image(digest, r.server.Remote(t.Context())...)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	types := []string{string(manifest.Config.MediaType)}
	for _, layer := range manifest.Layers {
		types = append(types, string(layer.MediaType))
	}
	if diff := cmp.Diff([]string{"application/vnd.cncf.flux.config.v1+json", "application/vnd.cncf.flux.content.v1.tar+gzip"}, types); diff != "" {
		t.Errorf("-want, +pushed:\n%s", diff)
	}
	if revision := manifest.Annotations["org.opencontainers.image.revision"]; revision != r.env["REVISION"] {
		t.Errorf("revision %q", revision)
	}
	stdout(t, r.script(t, host.Peer(t, peer.Cosign3), "verify", "--key", r.key.Public, "--insecure-ignore-tlog", digest.String()))
	if again := stdout(t, r.release(t)); !strings.HasSuffix(again, digest.String()+"\n") {
		t.Errorf("released again: %s, want %s", again, digest)
	}
}

// TestFluxReleaseRefused: what is refused is not pushed, and what cannot be signed
// is not under the tag that a cluster follows.
func TestFluxReleaseRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func(*testing.T, released)
		exit   int
		reason string
		tags   []string
	}{
		"a model that is not trusted": {
			func(t *testing.T, r released) {
				locked := read(t, filepath.Join(r.app, "modelfn.lock.yaml"))
				write(t, filepath.Join(r.app, "modelfn.lock.yaml"), strings.Replace(locked, "evidence:", "evidence: []\n    was:", 1))
			},
			1, "modelfn.lock.yaml", nil,
		},
		"a patched model": {
			func(t *testing.T, r released) {
				file := filepath.Join(r.app, "kustomization.yaml")
				write(t, file, read(t, file)+"- patch.yaml\n")
				write(t, filepath.Join(r.app, "patch.yaml"), "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: x}\nannotations: {modelfn.dev/digest: x}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n")
			},
			1, "it was changed after modelfn generated it", nil,
		},
		"no platform": {
			func(t *testing.T, r released) { r.env["PLATFORM"] = filepath.Join(r.app, "lost.yaml") },
			1, "lost.yaml", nil,
		},
		"no key": {
			func(t *testing.T, r released) {
				r.env["COSIGN_SIGN_FLAGS"] = strings.Replace(r.env["COSIGN_SIGN_FLAGS"], ".key", ".lost", 1)
			},
			1, "release.lost", []string{strings.Repeat("0a", 20)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReleased(t)
			tt.spoil(t, r)
			result := r.release(t)
			if result.ExitCode != tt.exit || !strings.Contains(result.Stderr, tt.reason) {
				t.Errorf("exit %d, want %d and %q\n%s", result.ExitCode, tt.exit, tt.reason, result.Stderr)
			}
			if diff := cmp.Diff(tt.tags, r.tags(t)); diff != "" {
				t.Errorf("tags: -want, +got:\n%s", diff)
			}
		})
	}
}
