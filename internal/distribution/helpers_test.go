package distribution

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	inprocess "github.com/google/go-containerregistry/pkg/registry"
)

const path = "models/fraud"

var (
	model  = []byte(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`)
	config = []byte(`{"model":"fraud"}`)
)

// handler answers instead of the registry, or returns false.
type handler func(http.ResponseWriter, *http.Request) bool

// fixture is go-containerregistry's in-process registry. What tests put into it
// does not count as a request.
type fixture struct {
	host  string
	store http.Handler

	mu        sync.Mutex
	intercept handler
	requests  []string
}

// newFixture is a registry without a server yet, which holds one model as v7.
func newFixture(t testing.TB, referrers bool) *fixture {
	f := &fixture{store: inprocess.New(inprocess.WithReferrersSupport(referrers), inprocess.Logger(log.New(io.Discard, "", 0)))}
	f.put(t, path, "v7", model)
	f.blob(t, path, config)
	return f
}

// serve puts it onto the loopback interface, over plain HTTP.
func serve(t testing.TB, referrers bool) *fixture {
	f := newFixture(t, referrers)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.host = strings.TrimPrefix(server.URL, "http://")
	return f
}

func (f *fixture) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, req.Method+" "+req.URL.Path)
	answer := f.intercept
	f.mu.Unlock()
	if answer == nil || !answer(w, req) {
		f.store.ServeHTTP(w, req)
	}
}

func (f *fixture) on(part string, answer http.HandlerFunc) {
	f.always(func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.Contains(req.URL.Path, part) {
			return false
		}
		answer(w, req)
		return true
	})
}

func (f *fixture) always(answer handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.intercept = answer
}

// asked counts the requests to a path since the last forget.
func (f *fixture) asked(part string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, request := range f.requests {
		if strings.Contains(request, part) {
			n++
		}
	}
	return n
}

func (f *fixture) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = nil
}

func (f *fixture) put(t testing.TB, repository, reference string, content []byte) {
	t.Helper()
	// As an index, it would have to come after its entries.
	f.send(t, http.MethodPut, "/v2/"+repository+"/manifests/"+reference, "application/vnd.oci.image.manifest.v1+json", content)
}

func (f *fixture) blob(t testing.TB, repository string, content []byte) {
	t.Helper()
	f.send(t, http.MethodPost, "/v2/"+repository+"/blobs/uploads/?digest="+digestOf(content), "application/octet-stream", content)
}

func (f *fixture) send(t testing.TB, method, path, contentType string, body []byte) {
	t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	f.store.ServeHTTP(w, req)
	if w.Code != http.StatusCreated {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

// newClient makes one without credentials that does not wait between attempts.
func newClient(t testing.TB, hosts ...Host) *Client {
	t.Helper()
	c, err := New(hosts)
	if err != nil {
		t.Fatal(err)
	}
	c.delay = time.Microsecond
	c.keychain.once.Do(func() { c.keychain.looked = "the test" })
	return c
}

func plain(f *fixture) Host { return Host{Name: f.host, PlainHTTP: true} }

// want checks an error's sentinel and reason.
func want(t *testing.T, err, sentinel error, reasons ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, other := range []error{ErrUnavailable, ErrNotFound} {
		if got := errors.Is(err, other); got != errors.Is(sentinel, other) {
			t.Errorf("%v: is %q %t", err, other, got)
		}
	}
	for _, reason := range reasons {
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("%v\nlacks: %s", err, reason)
		}
	}
}

// authority is a private CA.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  string
}

func newAuthority(t testing.TB) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, key, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// serve starts a server with a certificate for the names and 127.0.0.1, and
// returns its host:port.
func (a *authority) serve(h http.Handler, names ...string) string {
	return strings.TrimPrefix(a.server(h, nil, names...).URL, "https://")
}

func (a *authority) server(h http.Handler, config *tls.Config, names ...string) *httptest.Server {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if config == nil {
		config = &tls.Config{}
	}
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	server.TLS = config
	server.StartTLS()
	a.t.Cleanup(server.Close)
	return server
}

// system makes the CA one of the system's roots to a client.
func (a *authority) system(c *Client) {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	c.direct.TLSClientConfig.RootCAs = roots
	c.beside.TLSClientConfig.RootCAs = roots
	c.fenced.TLSClientConfig.RootCAs = roots
}

// internet pretends that servers on the loopback interface stand elsewhere.
type internet struct {
	// names resolve to addresses; addresses lead to servers.
	names, servers map[string]string

	mu     sync.Mutex
	dialed []string
}

func (n *internet) dial(ctx context.Context, network, address string, look control) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if at, ok := n.names[host]; ok {
		host = at
	}
	n.mu.Lock()
	n.dialed = append(n.dialed, host)
	n.mu.Unlock()
	at, err := netip.ParseAddr(host)
	if err != nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if look != nil {
		if err := look(network, net.JoinHostPort(host, port), nil); err != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: err}
		}
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, n.servers[host])
	if err != nil {
		return nil, err
	}
	return pretending{conn, net.TCPAddrFromAddrPort(netip.AddrPortFrom(at, 443))}, nil
}

type pretending struct {
	net.Conn
	remote net.Addr
}

func (p pretending) RemoteAddr() net.Addr { return p.remote }

// login gives a client a docker configuration.
func login(t *testing.T, c *Client, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed, err := readConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	c.keychain.configs, c.keychain.looked = []*dockerConfig{parsed}, file
	return file
}

func index(digests ...string) []byte {
	list := []Descriptor{}
	for _, d := range digests {
		list = append(list, Descriptor{MediaType: "application/vnd.oci.image.manifest.v1+json", Digest: d, Size: 2})
	}
	raw, _ := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": list})
	return raw
}

func digests(list []Descriptor) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Digest)
	}
	return strings.Join(out, " ")
}

// some is the n-th of many digests.
func some(n int) string { return digestOf(fmt.Append(nil, n)) }

// connect is a proxy's CONNECT.
func connect(w http.ResponseWriter, to string) {
	out, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = out.Close()
		return
	}
	go func() {
		_, _ = io.Copy(out, in)
		_ = out.Close()
	}()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}
