package image

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestPush: the tag names the index, and its bills and those of each image are
// found, whether or not the registry lists referrers.
func TestPush(t *testing.T) {
	b := built(t, "v1.2.3")
	for kind, referrers := range map[string]bool{"referrers API": true, "fallback tag": false} {
		t.Run(kind, func(t *testing.T) {
			var puts []string
			handler := registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0)))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
					puts = append(puts, r.URL.Path)
				}
				handler.ServeHTTP(w, r)
			}))
			defer server.Close()
			repository := strings.TrimPrefix(server.URL, "http://") + "/acme/modelfn"
			for to, tag := range map[string]string{repository: "/v1.2.3", repository + ":stable": "/stable"} {
				puts = nil
				where, err := Push(t.Context(), b.Layout, to)
				if err != nil {
					t.Fatal(err)
				}
				if want := repository + "@" + b.Digest.String(); where.String() != want {
					t.Errorf("Push = %s, want %s", where, want)
				}
				isTag := func(path string) bool { return strings.HasSuffix(path, tag) }
				if slices.ContainsFunc(puts, isTag) {
					t.Errorf("pushed with a tag:\n%s", strings.Join(puts, "\n"))
				}
				puts = nil
				if named, err := Tag(t.Context(), b.Layout, to); err != nil || named.Name() != repository+":"+tag[1:] {
					t.Fatalf("Tag = %s, %v", named, err)
				}
				if len(puts) != 1 || !isTag(puts[0]) {
					t.Errorf("tagging put %q", puts)
				}
			}
			for _, tag := range []string{"v1.2.3", "stable"} {
				got, err := remote.Get(parse(t, repository+":"+tag))
				if err != nil || got.Digest != b.Digest {
					t.Fatalf("%s: %v (%v), want %s", tag, got, err, b.Digest)
				}
			}
			manifest, err := indexOf(t, b).IndexManifest()
			if err != nil {
				t.Fatal(err)
			}
			amd, arm := "modelfn-linux-amd64.spdx.json", "modelfn-linux-arm64.spdx.json"
			for digest, want := range map[v1.Hash][]string{
				b.Digest: {amd, arm}, manifest.Manifests[0].Digest: {amd}, manifest.Manifests[1].Digest: {arm},
			} {
				if diff := cmp.Diff(want, bills(t, repository, digest)); diff != "" {
					t.Errorf("attached to %s (-want +got):\n%s", digest, diff)
				}
			}
		})
	}
}

// TestTagRefuses: no tag names what is not there.
func TestTagRefuses(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	repository := strings.TrimPrefix(server.URL, "http://") + "/acme/modelfn"
	if _, err := Tag(t.Context(), built(t, "v1.2.3").Layout, repository); err == nil || !strings.Contains(err.Error(), "`release push` pushes it") {
		t.Errorf("Tag = %v", err)
	}
	if _, err := remote.Get(parse(t, repository+":v1.2.3")); err == nil {
		t.Error("the tag is there")
	}
}

// bills are the names of what is attached to a manifest.
func bills(t *testing.T, repository string, digest v1.Hash) []string {
	t.Helper()
	about := parse(t, repository+"@"+digest.String()).(name.Digest)
	// Not by its type: this registry lists that of the configuration instead.
	found, err := remote.Referrers(about)
	if err != nil {
		t.Fatal(err)
	}
	list, err := found.IndexManifest()
	if err != nil || len(list.Manifests) != 1 {
		t.Fatalf("%d referrers of %s (%v), want 1", len(list.Manifests), digest, err)
	}
	img, err := remote.Image(about.Context().Digest(list.Manifests[0].Digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if manifest.ArtifactType != "application/spdx+json" {
		t.Errorf("%s is attached as %s", list.Manifests[0].Digest, manifest.ArtifactType)
	}
	var names []string
	for _, layer := range manifest.Layers {
		names = append(names, layer.Annotations["org.opencontainers.image.title"])
	}
	slices.Sort(names)
	return names
}

func parse(t *testing.T, ref string) name.Reference {
	t.Helper()
	parsed, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestPushRefuses(t *testing.T) {
	dirty := built(t, "v1.2.3-dirty").Layout
	clean := built(t, "v1.2.3").Layout
	for name, tt := range map[string]struct{ dir, to, reason string }{
		"a dirty checkout": {dirty, "127.0.0.1:1/modelfn", "changes that are not committed"},
		"no layout":        {t.TempDir(), "127.0.0.1:1/modelfn", "`make image` writes it"},
		"a digest":         {clean, "127.0.0.1:1/modelfn@sha256:" + strings.Repeat("0", 64), "modelfn@sha256"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Push(t.Context(), tt.dir, tt.to); err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Push = %v, want %q", err, tt.reason)
			}
		})
	}
}
