package e2e_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// places are the registries that artifacts come from: two that people run, over
// TLS by an authority of their own and with a password, and one in process.
var places = []struct {
	name  string
	start func(*testing.T) (*registry.Server, error)
}{
	{"debian", func(t *testing.T) (*registry.Server, error) { return registry.Real(t, registry.Debian), nil }},
	{"distribution", func(t *testing.T) (*registry.Server, error) { return registry.Real(t, registry.Distribution), nil }},
	{"referrers API", func(*testing.T) (*registry.Server, error) { return registry.Start() }},
	{"no referrers API", func(*testing.T) (*registry.Server, error) { return registry.Start(registry.WithoutReferrers()) }},
}

// signing is one of cosign's formats.
type signing struct {
	name      string
	mediaType string // of the evidence in a lock
	sign      func(*publish.Publisher, context.Context, publish.Key, name.Digest) error
}

var (
	legacy   = signing{"legacy", "application/vnd.oci.descriptor.v1+json", (*publish.Publisher).SignLegacy}
	bundle   = signing{"bundle", "application/vnd.dev.sigstore.bundle.v0.3+json", (*publish.Publisher).SignBundle}
	signings = []signing{legacy, bundle}
)

// TestArtifacts publishes every kind of artifact to every registry with its real
// packer, signs it with the real cosign, locks it, and renders it from the lock
// alone. The formats of signatures take turns, so that each kind has both.
func TestArtifacts(t *testing.T) {
	for i, place := range places {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			server, err := place.start(t)
			w := newWorld(t, server, err)
			for j, kind := range publish.Kinds() {
				t.Run(string(kind), func(t *testing.T) {
					want, ok := expectations[kind]
					if !ok {
						t.Fatal("no expectation of this kind")
					}
					testArtifact(t, w, kind, want, signings[(i+j)%len(signings)])
				})
			}
		})
	}
}

// sample publishes an artifact of the kind, as models/fraud:KIND, and signs it
// with what it refers to.
func (w world) sample(t *testing.T, kind publish.Kind, want expectation, format signing) publish.Artifact {
	t.Helper()
	artifact, err := w.publisher.Sample(t.Context(), kind, "models/fraud")
	if err != nil {
		t.Fatal(err)
	}
	w.sign(t, format, artifact.Digest)
	if want.inner {
		w.sign(t, format, w.artifact(t, "models/fraud:"+string(kind)+"-inner").Digest)
	}
	return artifact
}

func testArtifact(t *testing.T, w world, kind publish.Kind, want expectation, format signing) {
	path := "models/fraud:" + string(kind)
	artifact := w.sample(t, kind, want, format)
	deployment := spec{"model": w.uri("", path)}
	if want.format == "" {
		deployment["format"] = map[string]any{"name": "sklearn"}
	}
	dir := directory(t, w.platform(t), map[string]spec{"fraud": deployment})

	result := w.aloof(t, dir, "lock")
	if want.refused != "" {
		wantRefusal(t, result, 1, "refused-artifact: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model", want.refused)
		wantNoLock(t, dir)
		return
	}
	stdout(t, result)
	entries := readLock(t, dir)
	entry := entries[w.uri("", path)]
	wantEvidence(t, entry, format.mediaType)
	entry.Evidence = nil
	if diff := cmp.Diff(w.entry(t, path, artifact, want), entry); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	asked := w.server.Requests()
	build := w.aloof(t, dir, "build")
	if more := w.server.Requests()[len(asked):]; len(more) > 0 {
		t.Errorf("build asked the registry: %q", more)
	}
	if want.unservable != "" {
		wantRefusal(t, build, 1, "not-servable: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model", want.unservable)
		return
	}
	wantService(t, parseObjects(t, stdout(t, build)), artifact, entry.URI, want)
}

// aloof runs modelfn where no authority is trusted but what a caBundle names,
// with the credentials of whoever may enter the registry.
func (w world) aloof(t *testing.T, dir string, args ...string) host.Result {
	t.Helper()
	return host.Run(t, host.Command{Path: w.modelfn, Args: args, Dir: dir, Env: w.distrust(t)})
}

// distrust is the registry's environment without the authority that it names.
func (w world) distrust(t *testing.T) []string {
	t.Helper()
	return append(w.server.Env(), "SSL_CERT_FILE="+os.DevNull, "SSL_CERT_DIR="+t.TempDir())
}

// wantRefusal is about one run: its exit code, its reasons, and nothing on
// stdout.
func wantRefusal(t *testing.T, result host.Result, exit int, reasons ...string) {
	t.Helper()
	if result.ExitCode != exit || result.Stdout != "" {
		t.Errorf("exit %d, stdout %q, want exit %d and nothing", result.ExitCode, result.Stdout, exit)
	}
	for _, reason := range reasons {
		if !strings.Contains(result.Stderr, reason) {
			t.Errorf("the user does not read %q:\n%s", reason, result.Stderr)
		}
	}
}
