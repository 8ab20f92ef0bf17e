package testsign

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

const typeIndex = "application/vnd.oci.image.index.v1+json"

// Registry is go-containerregistry's in-process registry on the loopback
// interface, over plain HTTP. What tests put into it does not count as a
// request.
type Registry struct {
	// Host is host:port, as references name it.
	Host string

	store     http.Handler
	referrers bool

	mu        sync.Mutex
	intercept func(http.ResponseWriter, *http.Request) bool
	requests  []string
}

// NewRegistry starts a registry with or without the referrers API; without it,
// referrers are listed under the fallback tag, as clients then do.
func NewRegistry(t testing.TB, referrers bool) *Registry {
	t.Helper()
	r := &Registry{
		referrers: referrers,
		store:     registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0))),
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.Host = strings.TrimPrefix(server.URL, "http://")
	return r
}

// Exceptions is what a platform must say for the registry to be used.
func (r *Registry) Exceptions() []v1alpha1.Registry {
	return []v1alpha1.Registry{{Host: r.Host, PlainHTTP: true}}
}

// Intercept lets the function answer requests instead of the registry; it
// returns false for those that it leaves alone.
func (r *Registry) Intercept(answer func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.intercept = answer
}

// Requests are the methods and paths so far.
func (r *Registry) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.requests = append(r.requests, req.Method+" "+req.URL.Path)
	answer := r.intercept
	r.mu.Unlock()
	if answer != nil && answer(w, req) {
		return
	}
	r.store.ServeHTTP(w, req)
}

// Push stores a model under a repository and a tag.
func (r *Registry) Push(t testing.TB, repository, tag string, m Model) {
	t.Helper()
	r.Blob(t, repository, m.Config)
	if m.Layer != nil {
		r.Blob(t, repository, m.Layer)
	}
	for _, file := range m.Files {
		r.Blob(t, repository, file)
	}
	r.Manifest(t, repository, tag, TypeManifest, m.Manifest)
}

// Attach stores evidence about a digest where cosign does: legacy signatures as
// layers under the .sig tag, attestations under .att, each bundle as a referrer.
func (r *Registry) Attach(t testing.TB, repository string, digest artifact.Digest, evidence ...artifact.Evidence) {
	t.Helper()
	layers := map[string][]descriptor{}
	for _, e := range evidence {
		if e.MediaType != artifact.TypeLegacy {
			r.refer(t, repository, digest, e)
			continue
		}
		var layer descriptor
		if err := json.Unmarshal(e.Data, &layer); err != nil {
			t.Fatal(err)
		}
		r.Blob(t, repository, layer.Data)
		layer.Data = nil
		suffix := ".sig"
		if layer.MediaType == typeEnvelope {
			suffix = ".att"
		}
		layers[suffix] = append(layers[suffix], layer)
	}
	for suffix, list := range layers {
		config := []byte("{}")
		r.Blob(t, repository, config)
		r.Manifest(t, repository, "sha256-"+digest.Hex()+suffix, TypeManifest, marshal(imageManifest{
			SchemaVersion: 2, MediaType: TypeManifest, Config: describe(TypeImageConfig, config), Layers: list,
		}))
	}
}

// AttachTogether stores evidence as the layers of one referrer.
func (r *Registry) AttachTogether(t testing.TB, repository string, digest artifact.Digest, evidence ...artifact.Evidence) {
	t.Helper()
	r.refer(t, repository, digest, evidence...)
}

// refer stores bundles under a manifest whose subject is the digest.
func (r *Registry) refer(t testing.TB, repository string, digest artifact.Digest, evidence ...artifact.Evidence) {
	t.Helper()
	empty := []byte("{}")
	r.Blob(t, repository, empty)
	var layers []descriptor
	for _, e := range evidence {
		r.Blob(t, repository, e.Data)
		layers = append(layers, describe(e.MediaType, e.Data))
	}
	manifest := marshal(imageManifest{
		SchemaVersion: 2, MediaType: TypeManifest, ArtifactType: evidence[0].MediaType,
		Config:  describe("application/vnd.oci.empty.v1+json", empty),
		Layers:  layers,
		Subject: &descriptor{MediaType: TypeManifest, Digest: digest},
	})
	r.Manifest(t, repository, string(artifact.DigestOf(manifest)), TypeManifest, manifest)
	if r.referrers {
		return
	}
	var index struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Manifests     []descriptor `json:"manifests"`
	}
	fallback := "/v2/" + repository + "/manifests/sha256-" + digest.Hex()
	if got := r.do(http.MethodGet, fallback, "", nil); got.Code == http.StatusOK {
		if err := json.Unmarshal(got.Body.Bytes(), &index); err != nil {
			t.Fatal(err)
		}
	}
	index.SchemaVersion, index.MediaType = 2, typeIndex
	index.Manifests = append(index.Manifests, describe(TypeManifest, manifest))
	r.Manifest(t, repository, "sha256-"+digest.Hex(), typeIndex, marshal(index))
}

// Stored is what is stored under a path.
func (r *Registry) Stored(t testing.TB, path string) []byte {
	t.Helper()
	got := r.do(http.MethodGet, path, "", nil)
	if got.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, got.Code)
	}
	return got.Body.Bytes()
}

// Answer is what a path is answered with, whatever that is.
func (r *Registry) Answer(path string) []byte {
	return r.do(http.MethodGet, path, "", nil).Body.Bytes()
}

// Manifest stores any bytes as a manifest, under a tag or their digest.
func (r *Registry) Manifest(t testing.TB, repository, reference, mediaType string, content []byte) {
	t.Helper()
	if got := r.do(http.MethodPut, "/v2/"+repository+"/manifests/"+reference, mediaType, content); got.Code != http.StatusCreated {
		t.Fatalf("manifest %s:%s: %d %s", repository, reference, got.Code, got.Body)
	}
}

// Blob stores a blob.
func (r *Registry) Blob(t testing.TB, repository string, content []byte) {
	t.Helper()
	path := "/v2/" + repository + "/blobs/uploads/?digest=" + string(artifact.DigestOf(content))
	if got := r.do(http.MethodPost, path, "application/octet-stream", content); got.Code != http.StatusCreated {
		t.Fatalf("blob in %s: %d %s", repository, got.Code, got.Body)
	}
}

// do asks the store itself, past the counter and the interceptor.
func (r *Registry) do(method, path, contentType string, body []byte) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	r.store.ServeHTTP(w, req)
	return w
}
