package distribution

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestRequests: with a warm host, everything costs the one request that it is.
func TestRequests(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	repository := f.host + "/" + path
	f.always(func(_ http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodGet || req.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s with %q", req.Method, req.Header)
		}
		return false
	})
	for i := range 3 {
		f.forget()
		got, err := c.Manifest(t.Context(), repository, "v7")
		if err != nil || string(got) != string(model) {
			t.Fatalf("%s, %v", got, err)
		}
		if i > 0 && len(f.requests) != 1 {
			t.Errorf("a manifest: %q", f.requests)
		}
	}
	f.forget()
	if got, err := c.Blob(t.Context(), repository, digestOf(config), int64(len(config))); err != nil || string(got) != string(config) {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := c.Manifest(t.Context(), repository, digestOf(model)); err != nil || string(got) != string(model) {
		t.Errorf("%s, %v", got, err)
	}
	if want := "GET /v2/" + path + "/blobs/" + digestOf(config) + " GET /v2/" + path + "/manifests/" + digestOf(model); strings.Join(f.requests, " ") != want {
		t.Errorf("%q", f.requests)
	}
}

// TestPingOnce: one ping for all repositories of a host, also when they are
// asked for at the same time.
func TestPingOnce(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	var all sync.WaitGroup
	for i := range 100 {
		repository := fmt.Sprintf("models/m%d", i)
		f.put(t, repository, "v1", model)
		all.Go(func() {
			if _, err := c.Manifest(t.Context(), f.host+"/"+repository, "v1"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if pings, rest := f.asked("GET /v2/")-f.asked("/manifests/"), f.asked("/manifests/"); pings != 1 || rest != 100 {
		t.Errorf("%d pings and %d manifests", pings, rest)
	}
}

// TestPingAgain: a ping that failed is not remembered.
func TestPingAgain(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	f.on("/v2/", status(http.StatusForbidden))
	_, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "403 Forbidden")
	f.always(nil)
	if _, err := c.Manifest(t.Context(), f.host+"/"+path, "v7"); err != nil {
		t.Error(err)
	}
}

// TestNotFound: "no" is the registry's word about a manifest, nothing else.
func TestNotFound(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	_, err := c.Manifest(t.Context(), f.host+"/"+path, "v8")
	want(t, err, ErrNotFound, f.host+": GET /v2/models/fraud/manifests/v8: 404 Not Found (MANIFEST_UNKNOWN)")
	_, err = c.Manifest(t.Context(), f.host+"/"+path, some(1))
	want(t, err, ErrNotFound, "404 Not Found")
	_, err = c.Manifest(t.Context(), f.host+"/models/other", "v7")
	want(t, err, ErrNotFound, "404 Not Found (NAME_UNKNOWN)")
	_, err = c.Blob(t.Context(), f.host+"/"+path, some(1), 10)
	want(t, err, ErrUnavailable, "404 Not Found (BLOB_UNKNOWN)")
	f.on("/v2/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	_, err = newClient(t, plain(f)).Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "GET /v2/: 404 Not Found")
}

// TestPaths: nothing becomes part of a path that could lead elsewhere, and the
// registry is not asked.
func TestPaths(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	for _, digest := range []string{"", "sha256:", "sha256:..", some(1) + "/x", strings.ToUpper(some(1)), "sha512:" + strings.Repeat("0", 128)} {
		_, err := c.Blob(t.Context(), f.host+"/"+path, digest, 10)
		want(t, err, nil, "is no sha256 digest")
		_, err = c.Referrers(t.Context(), f.host+"/"+path, digest)
		want(t, err, nil, "is no sha256 digest")
	}
	for _, tag := range []string{"", "..", "v7/../../x", "v7?x", "-", strings.Repeat("a", 129)} {
		_, err := c.Manifest(t.Context(), f.host+"/"+path, tag)
		want(t, err, nil, "is no tag")
	}
	for _, repository := range []string{"", f.host, f.host + "/", f.host + "/../x", f.host + "/a//b", f.host + "/A", f.host + "/a?b", f.host + "/a%2fb"} {
		_, err := c.Manifest(t.Context(), repository, "v7")
		want(t, err, nil, "is no repository")
	}
	if f.asked("") != 0 {
		t.Errorf("%q", f.requests)
	}
}

func TestNew(t *testing.T) {
	ca := newAuthority(t)
	for name, test := range map[string]struct {
		hosts []Host
		want  string
	}{
		"no name":         {[]Host{{}}, "is no host[:port]"},
		"a repository":    {[]Host{{Name: "r.example.com/x"}}, "is no host[:port]"},
		"a URL":           {[]Host{{Name: "https://r.example.com"}}, "is no host[:port]"},
		"twice":           {[]Host{{Name: "r.example.com"}, {Name: "r.example.com:443"}}, "registry r.example.com:443: listed twice"},
		"no PEM":          {[]Host{{Name: "r.example.com", CABundle: "x"}}, "registry r.example.com: CA bundle: it is no PEM"},
		"half a PEM":      {[]Host{{Name: "r.example.com", CABundle: ca.pem + "-----BEGIN"}}, "it is no PEM"},
		"a key":           {[]Host{{Name: "r.example.com", CABundle: "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"}}, "something else than certificates"},
		"no certificate":  {[]Host{{Name: "r.example.com", CABundle: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"}}, "registry r.example.com: CA bundle: x509"},
		"both":            {[]Host{{Name: "r.example.com", CABundle: ca.pem, PlainHTTP: true}}, "give one of the two"},
		"mirror is a URL": {[]Host{{Name: "r.example.com", Mirror: "https://m.example.com"}}, `registry r.example.com: mirror "https://m.example.com" is no host`},
		"mirror's prefix": {[]Host{{Name: "r.example.com", Mirror: "m.example.com/../x"}}, "is no host[:port][/prefix]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.hosts)
			want(t, err, nil, test.want)
		})
	}
}
