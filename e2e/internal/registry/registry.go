// Package registry serves an OCI registry from this process, bound to loopback
// only: over plain HTTP on its own port, or over TLS under a real host name
// that tools reach through a proxy. It ends with Close or with the process.
package registry

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
)

// Server is a running registry.
type Server struct {
	host      string
	env       []string
	plainHTTP bool
	transport *http.Transport
	closers   []func() error

	mu       sync.Mutex
	requests []string
}

// Option changes how a registry is served.
type Option func(*options)

type options struct {
	referrers bool
	wrap      []func(http.Handler) http.Handler
}

// WithoutReferrers leaves out the referrers API, as distribution does up to
// v3.1: clients then keep an index under the fallback tag sha256-<hex>.
func WithoutReferrers() Option { return func(o *options) { o.referrers = false } }

// WithMiddleware puts a handler before the registry, for faults. What it
// answers by itself is counted as a request too.
func WithMiddleware(wrap func(http.Handler) http.Handler) Option {
	return func(o *options) { o.wrap = append(o.wrap, wrap) }
}

// Start serves a registry over plain HTTP on a free port of 127.0.0.1.
func Start(opts ...Option) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{host: listener.Addr().String(), plainHTTP: true, transport: &http.Transport{}}
	s.serve(listener, s.handler(opts))
	return s, nil
}

// Host is the registry's name in a reference: host, or host:port.
func (s *Server) Host() string { return s.host }

// PlainHTTP says whether tools must be told to speak http to it.
func (s *Server) PlainHTTP() bool { return s.plainHTTP }

// Env holds the variables with which a process reaches this registry, to be
// appended to its environment. Through them it reaches nothing else.
func (s *Server) Env() []string { return slices.Clone(s.env) }

// Transport reaches the registry from this process.
func (s *Server) Transport() http.RoundTripper { return s.transport }

// Repository is a repository of this registry.
func (s *Server) Repository(path string) (name.Repository, error) {
	return name.NewRepository(s.host+"/"+path, name.StrictValidation)
}

// Requests lists what was asked so far, as "METHOD /path", oldest first. Two
// readings around a call show that it asked nothing.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Close ends the registry at once and forgets its contents.
func (s *Server) Close() error {
	s.transport.CloseIdleConnections()
	var errs []error
	for _, closer := range slices.Backward(s.closers) {
		errs = append(errs, closer())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Server) handler(opts []Option) http.Handler {
	o := options{referrers: true}
	for _, opt := range opts {
		opt(&o)
	}
	handler := registry.New(registry.WithReferrersSupport(o.referrers), registry.Logger(log.New(io.Discard, "", 0)))
	for _, wrap := range o.wrap {
		handler = wrap(handler)
	}
	return s.record(handler)
}

func (s *Server) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// serve runs a server on the listener until Close. Handshakes that clients
// break off are expected here, so its log is dropped.
func (s *Server) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.closers = append(s.closers, server.Close)
	go func() { _ = server.Serve(listener) }()
}
