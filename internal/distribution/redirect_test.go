package distribution

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// world is a registry and a store to which it redirects blobs, each somewhere
// on the pretended internet.
type world struct {
	*internet
	registry *fixture
	client   *Client
	// stored counts the store's requests, authorized those with Authorization.
	stored, authorized atomic.Int32
	// store answers with the config unless a test says otherwise.
	store http.HandlerFunc
}

// newWorld has registry.example.com at an address; to is what it redirects to,
// and all names and addresses but its own lead to the store.
func newWorld(t *testing.T, registryAt, to string, hosts ...Host) *world {
	ca := newAuthority(t)
	w := &world{registry: newFixture(t, true), client: newClient(t, hosts...), store: text(string(config))}
	registryHost := ca.serve(w.registry, "registry.example.com")
	store := ca.serve(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		w.stored.Add(1)
		if req.Header.Get("Authorization") != "" || req.Header.Get("Referer") != "" {
			w.authorized.Add(1)
		}
		w.store(rw, req)
	}), "store.example.com", "registry.example.com.evil.example", "sub.registry.example.com", "2130706433", "store.internal", "localhost")
	w.internet = &internet{
		names: map[string]string{
			"registry.example.com": registryAt, "store.example.com": "203.0.113.9", "store.internal": "10.1.2.3",
			"sub.registry.example.com": "203.0.113.9", "2130706433": "127.0.0.1", "localhost": "127.0.0.1",
			"mapped.example.com": "::ffff:10.1.2.3", "ula.example.com": "fd00::1", "cgnat.example.com": "100.64.0.1",
			"metadata.internal": "169.254.169.254",
		},
		servers: map[string]string{registryAt: registryHost},
	}
	for _, at := range []string{"203.0.113.9", "10.1.2.3", "127.0.0.1", "169.254.169.254"} {
		if w.servers[at] == "" {
			w.servers[at] = store
		}
	}
	w.registry.on("/blobs/", func(rw http.ResponseWriter, req *http.Request) {
		http.Redirect(rw, req, to, http.StatusTemporaryRedirect)
	})
	w.client.dial = w.dial
	ca.system(w.client)
	for _, l := range w.client.hosts {
		if l.transport != nil {
			ca.t.Fatal("no CA bundles in this world")
		}
	}
	return w
}

func (w *world) blob(t *testing.T) error {
	t.Helper()
	got, err := w.client.Blob(t.Context(), "registry.example.com/"+path, digestOf(config), 100)
	if err == nil && string(got) != string(config) {
		t.Errorf("%q", got)
	}
	return err
}

const outside, inside = "198.51.100.7", "10.9.9.9"

// TestRedirectIsFollowed: to anywhere public, and where the registry itself is
// private, to what is beside it. No secret goes along.
func TestRedirectIsFollowed(t *testing.T) {
	for name, test := range map[string]struct {
		at, to string
		hosts  []Host
	}{
		"public to public":         {outside, "https://store.example.com/x?X-Amz-Signature=hunter2", nil},
		"with a user":              {outside, "https://robot:hunter2@store.example.com/x", nil},
		"subdomain":                {outside, "https://sub.registry.example.com/x", nil},
		"private to private":       {inside, "https://store.internal/x", nil},
		"private to a literal":     {inside, "https://127.0.0.1/x", nil},
		"private to public":        {inside, "https://store.example.com/x", nil},
		"public to listed private": {outside, "https://store.internal/x", []Host{{Name: "store.internal"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.at, test.to, test.hosts...)
			login(t, w.client, `{"auths":{"registry.example.com":{"username":"robot","password":"hunter2"}}}`)
			if err := w.blob(t); err != nil {
				t.Error(err)
			}
			if w.stored.Load() != 1 || w.authorized.Load() != 0 {
				t.Errorf("%d requests, %d with secrets", w.stored.Load(), w.authorized.Load())
			}
		})
	}
}

// TestRedirectIntoOurNetwork: a public registry leads nowhere that is private,
// whatever it is called; no connection is made.
func TestRedirectIntoOurNetwork(t *testing.T) {
	for name, to := range map[string]string{
		"literal": "https://10.1.2.3/x", "metadata": "https://169.254.169.254/latest/meta-data", "loopback": "https://127.0.0.1/x",
		"name": "https://store.internal/x", "localhost": "https://localhost/x", "decimal": "https://2130706433/x",
		"mapped": "https://[::ffff:10.1.2.3]/x", "mapped by name": "https://mapped.example.com/x", "IPv6 loopback": "https://[::1]/x",
		"ULA": "https://ula.example.com/x", "link-local": "https://[fe80::1]/x", "CGNAT": "https://cgnat.example.com/x", "unspecified": "https://0.0.0.0/x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, outside, to)
			want(t, w.blob(t), ErrUnavailable, "a public registry leads to an address that is not public", "list the host in the platform's spec.registries")
			if w.stored.Load() != 0 || w.registry.asked("/blobs/") != 1 {
				t.Errorf("the store got %d requests, the registry %q", w.stored.Load(), w.registry.requests)
			}
		})
	}
}

// TestRedirectToMetadata: nor does a private registry lead to where clouds hand out
// credentials, whatever it is called; no connection is made.
func TestRedirectToMetadata(t *testing.T) {
	for name, to := range map[string]string{
		"literal": "https://169.254.169.254/latest/meta-data", "name": "https://metadata.internal/x", "decimal": "https://2852039166/x",
		"mapped": "https://[::ffff:169.254.169.254]/x", "translated": "https://[64:ff9b::169.254.169.254]/x", "IPv6": "https://[fe80::1]/x",
		"Amazon": "https://[fd00:ec2::254]/x", "with a zone": "https://[fd00:ec2::254%25eth0]/x", "Alibaba": "https://100.100.100.200/x", "Azure": "https://168.63.129.16/x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, inside, to)
			want(t, w.blob(t), ErrUnavailable, "it leads to an address at which clouds answer", "list the host in the platform's spec.registries")
			if w.stored.Load() != 0 || w.registry.asked("/blobs/") != 1 {
				t.Errorf("the store got %d requests, the registry %q", w.stored.Load(), w.registry.requests)
			}
		})
	}
	w := newWorld(t, inside, "https://store.internal/x", Host{Name: "store.internal"})
	w.names["store.internal"] = "169.254.169.254"
	if err := w.blob(t); err != nil {
		t.Errorf("where the platform lists it: %v", err)
	}
}

// TestRedirectFromPublicStore: a private registry's redirect to the outside does
// not lead in again.
func TestRedirectFromPublicStore(t *testing.T) {
	w := newWorld(t, inside, "https://store.example.com/x")
	w.store = func(rw http.ResponseWriter, req *http.Request) {
		http.Redirect(rw, req, "https://store.internal/x", http.StatusFound)
	}
	want(t, w.blob(t), ErrUnavailable, "is not public")
	if w.stored.Load() != 1 {
		t.Errorf("%d requests", w.stored.Load())
	}
}

// TestPooledConnection: one that was made for the private registry of that name
// is not used for a public one's redirect.
func TestPooledConnection(t *testing.T) {
	w := newWorld(t, outside, "https://store.internal/v2/")
	if _, err := w.client.Manifest(t.Context(), "store.internal/"+path, "v7"); err != nil {
		t.Fatal(err) // the store answers anything
	}
	before := w.stored.Load()
	want(t, w.blob(t), ErrUnavailable, "is not public")
	if w.stored.Load() != before {
		t.Error("it was asked over the registry's connection")
	}
}

// TestRedirectThroughProxy: there is no address to look at, only the text.
func TestRedirectThroughProxy(t *testing.T) {
	for to, refused := range map[string]bool{
		"https://store.example.com/x": false, "https://10.1.2.3/x": true, "https://0x0a010203/x": true, "https://localhost/x": true,
		"https://localhost./x": true, "https://2130706433/x": true, "https://127.1/x": true, "https://[::ffff:7f00:1]/x": true, "https://x.localhost/x": true,
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, outside, to)
			// A proxy on private ground, which connects to whatever it is asked for.
			proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
				host := strings.TrimSuffix(req.Host, ":443")
				connect(rw, w.servers[w.names[host]])
			}))
			t.Cleanup(proxy.Close)
			at := mustParse(t, proxy.URL)
			w.servers["10.0.0.8"] = at.Host
			w.client.proxy = func(*http.Request) (*url.URL, error) { return mustParse(t, "http://10.0.0.8:3128"), nil }
			err := w.blob(t)
			if refused {
				want(t, err, ErrUnavailable, "is not public")
			} else if err != nil {
				t.Error(err)
			}
			if slices.ContainsFunc(w.dialed, func(at string) bool { return at != "10.0.0.8" }) {
				t.Errorf("dialled %q", w.dialed)
			}
		})
	}
}

// TestRedirectDowngrade: never from https to http, also where http is listed.
func TestRedirectDowngrade(t *testing.T) {
	f := serve(t, true)
	w := newWorld(t, inside, "http://"+f.host+"/v2/"+path+"/blobs/"+digestOf(config), plain(f))
	want(t, w.blob(t), ErrUnavailable, f.host+": redirected from https to http")
	w = newWorld(t, outside, "http://store.example.com/x?hunter2")
	want(t, w.blob(t), ErrUnavailable, "store.example.com: redirected from https to http")
	w = newWorld(t, outside, "ftp://store.example.com/x?hunter2")
	want(t, w.blob(t), ErrUnavailable, "neither http nor https")
	if f.asked("") != 0 {
		t.Errorf("%q", f.requests)
	}
}

// TestTooManyRedirects: ten are followed, eleven are not.
func TestTooManyRedirects(t *testing.T) {
	for hops, reason := range map[int32]string{10: "", 11: "more than 10 redirects"} {
		f := serve(t, true)
		var followed atomic.Int32
		f.on("/blobs/", func(rw http.ResponseWriter, req *http.Request) {
			if n := followed.Add(1); n <= hops {
				http.Redirect(rw, req, fmt.Sprintf("/v2/x/blobs/%d?hunter2", n), http.StatusFound)
				return
			}
			_, _ = rw.Write(config)
		})
		_, err := newClient(t, plain(f)).Blob(t.Context(), f.host+"/"+path, digestOf(config), 100)
		if reason == "" && err != nil || reason != "" && !errors.Is(err, errTooManyRedirects) {
			t.Errorf("%d: %v", hops, err)
		}
		if n := followed.Load(); n != 11 {
			t.Errorf("%d: %d requests", hops, n)
		}
	}
}

// TestErrorsAfterRedirect: they name the store, but neither its query nor that
// the blob is missing, and never blame the credentials.
func TestErrorsAfterRedirect(t *testing.T) {
	for code, reason := range map[int]string{403: "403 Forbidden", 404: "404 Not Found", 401: "401 Unauthorized"} {
		w := newWorld(t, outside, "https://store.example.com/x?X-Amz-Signature=hunter2")
		w.registry.on("/manifests/", func(rw http.ResponseWriter, req *http.Request) {
			http.Redirect(rw, req, "https://store.example.com/x?X-Amz-Signature=hunter2", http.StatusFound)
		})
		w.store = status(code)
		_, err := w.client.Manifest(t.Context(), "registry.example.com/"+path, "v7")
		want(t, err, ErrUnavailable, "registry.example.com: GET /v2/models/fraud/manifests/v7: store.example.com: "+reason)
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "credentials") {
			t.Error(err)
		}
	}
	w := newWorld(t, outside, "https://gone.example.com/x?X-Amz-Signature=hunter2")
	err := w.blob(t)
	want(t, err, ErrUnavailable, "gone.example.com: ", "no such host")
	if strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// TestRedirectedAnew: a fault of the store is tried again from the registry: the
// address it gave may be good for one time only.
func TestRedirectedAnew(t *testing.T) {
	w := newWorld(t, outside, "https://store.example.com/x")
	w.store = func(rw http.ResponseWriter, _ *http.Request) {
		if w.stored.Load() == 1 {
			truncated(rw, nil)
			return
		}
		_, _ = rw.Write(config)
	}
	if err := w.blob(t); err != nil || w.registry.asked("/blobs/") != 2 || w.stored.Load() != 2 {
		t.Errorf("%v after %q", err, w.registry.requests)
	}
}

func mustParse(t *testing.T, s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
