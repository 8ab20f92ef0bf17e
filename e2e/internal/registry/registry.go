// Package registry serves an OCI registry, bound to loopback only: from this
// process, over plain HTTP on its own port or over TLS under a real host name
// that tools reach through a proxy; or a registry program that people run, over
// TLS with a password. It ends with Close or with the process.
package registry

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Server is a running registry.
type Server struct {
	host      string
	env       []string
	plainHTTP bool
	ca        []byte
	login     login
	transport *http.Transport
	closers   []func() error

	mu       sync.Mutex
	requests []string
}

// Option changes how a registry is served.
type Option func(*options)

type options struct {
	referrers bool
	password  bool
	wrap      []func(http.Handler) http.Handler
}

func newOptions(opts []Option) options {
	o := options{referrers: true, password: true}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithoutReferrers leaves out the referrers API, as distribution does up to
// v3.1: clients then keep an index under the fallback tag sha256-<hex>.
func WithoutReferrers() Option { return func(o *options) { o.referrers = false } }

// WithoutPassword lets anyone into a real registry, as the in-process ones do.
func WithoutPassword() Option { return func(o *options) { o.password = false } }

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
	s.serve(listener, s.handler(inProcess(opts), opts))
	return s, nil
}

// Host is the registry's name in a reference: host, or host:port.
func (s *Server) Host() string { return s.host }

// PlainHTTP says whether tools must be told to speak http to it.
func (s *Server) PlainHTTP() bool { return s.plainHTTP }

// Env holds the variables with which a process reaches this registry, to be
// appended to its environment: none for Start's. Through them it reaches nothing
// else.
func (s *Server) Env() []string { return slices.Clone(s.env) }

// CA is the PEM of the authority that issued the registry's certificate; nil
// over plain HTTP.
func (s *Server) CA() []byte { return slices.Clone(s.ca) }

// Login is the one user that a real registry lets in; both are empty where
// anyone may enter. Env leads tools to the same two in a Docker configuration.
func (s *Server) Login() (username, password string) { return s.login.username, s.login.password }

// Transport reaches the registry from this process, without the login.
func (s *Server) Transport() http.RoundTripper { return s.transport }

// Remote reaches the registry from this process as the user it lets in.
func (s *Server) Remote(ctx context.Context) []remote.Option {
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(s.transport)}
	if s.login == (login{}) {
		return options
	}
	return append(options, remote.WithAuth(&authn.Basic{Username: s.login.username, Password: s.login.password}))
}

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

// inProcess is go-containerregistry's registry.
func inProcess(opts []Option) http.Handler {
	return registry.New(
		registry.WithReferrersSupport(newOptions(opts).referrers),
		registry.Logger(log.New(io.Discard, "", 0)))
}

// handler puts what every registry here has before one of them.
func (s *Server) handler(handler http.Handler, opts []Option) http.Handler {
	for _, wrap := range newOptions(opts).wrap {
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
