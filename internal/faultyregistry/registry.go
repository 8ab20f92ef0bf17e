package faultyregistry

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	// Repository is what the registry holds.
	Repository = "models/fraud"
	// Tag named one model when it was locked, and names another since.
	Tag = "v7"
	// PublicHost is the registry's name in the Public network.
	PublicHost = "registry.example.com"
	// Key is the name of the key that signs.
	Key = "release"
)

// Registry is a registry with a fault, once it is armed.
type Registry struct {
	// Host is host:port, as references name it.
	Host string
	// Proxy is what has to be asked to reach it, if anything.
	Proxy string

	store    *testsign.Registry
	fault    Fault
	old, new testsign.Model
	server   *httptest.Server
	armed    atomic.Bool
	struck   atomic.Int32
	requests atomic.Int32
	traffic  traffic
}

// Start starts a registry that is in order, until it is armed with the fault.
func Start(t testing.TB, fault Fault) *Registry {
	t.Helper()
	r := &Registry{store: testsign.NewRegistry(t, true), fault: fault}
	r.old, r.new = testsign.Kit("fraud", "7.0.0"), testsign.Kit("fraud", "7.0.1")
	r.publish(t, r.old)
	r.serve(t)
	return r
}

// publish signs a model and lets the tag name it.
func (r *Registry) publish(t testing.TB, m testsign.Model) {
	r.store.Push(t, Repository, Tag, m)
	r.store.Attach(t, Repository, m.Digest(), testsign.ECDSA(Key).Bundle(m.Digest()))
}

// Move lets the tag name the other model, and what is asked from now on meet the
// fault.
func (r *Registry) Move(t testing.TB) {
	r.publish(t, r.new)
	r.armed.Store(true)
}

// Reset counts anew.
func (r *Registry) Reset() {
	r.struck.Store(0)
	r.requests.Store(0)
	r.traffic.reset()
}

// Requests is how often it was asked; of one that speaks no HTTP, how many
// connections were made.
func (r *Registry) Requests() int {
	if n := int(r.requests.Load()); n > 0 {
		return n
	}
	return int(r.traffic.connections.Load())
}

// Written is how many bytes clients took.
func (r *Registry) Written() int64 { return r.traffic.written.Load() }

// Struck is how often the fault was met.
func (r *Registry) Struck() int { return int(r.struck.Load()) }

// ServeHTTP answers with the fault where it strikes.
func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.requests.Add(1)
	f := r.fault
	if r.armed.Load() && f.Answer != nil && r.meets(req) {
		if n := r.struck.Add(1); f.Times == 0 || n <= f.Times {
			f.Answer(w, req, r)
			return
		}
	}
	r.store.ServeHTTP(w, req)
}

// meets tells whether a request is one that the fault strikes.
func (r *Registry) meets(req *http.Request) bool {
	path := req.URL.Path
	part := map[At]string{
		Ping: "/v2/", Manifest: "/manifests/" + Tag, Referrers: "/referrers/", Signature: "/manifests/sha256:",
		Config: "/blobs/" + string(artifact.DigestOf(r.new.Config)),
	}
	switch at := r.fault.At; at {
	case Everything, Token:
		// Of tokens, all of the registry is about.
		return true
	case Ping:
		return path == part[at]
	case Evidence:
		return strings.Contains(path, "/blobs/") && !strings.Contains(path, part[Config])
	default:
		return strings.Contains(path, part[at])
	}
}

// good is what the registry itself would answer.
func (r *Registry) good(req *http.Request) []byte { return r.store.Answer(req.URL.Path) }

// origin is the registry's own address.
func (r *Registry) origin() string {
	if r.fault.Network == Public {
		return "https://" + r.Host
	}
	return r.server.URL
}

func (r *Registry) serve(t testing.TB) {
	r.server = httptest.NewUnstartedServer(r)
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	r.server.Listener = &counting{Listener: r.server.Listener, r: r}
	// Of HTTP/2 no connection can be taken over, as some answers do.
	r.server.EnableHTTP2 = r.fault.Network == TLS
	switch r.fault.Network {
	case Public, TLS, Untrusted, Reversed:
		r.server.StartTLS()
	case Misnamed, Expired:
		r.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, r.fault.Network)}}
		r.server.StartTLS()
	default:
		r.server.Start()
	}
	t.Cleanup(func() {
		// Faults hold requests for as long as their clients wait.
		r.server.CloseClientConnections()
		r.server.Close()
	})
	_, r.Host, _ = strings.Cut(r.server.URL, "://")
	switch r.fault.Network {
	case Public:
		r.Host = PublicHost
		r.Proxy = proxy(t, r.server.Listener.Addr().String())
	case Nameless:
		r.Host = "registry.invalid"
	case Closed:
		r.Host = "127.0.0.1:1" // a port of no service that is alive
	}
}
