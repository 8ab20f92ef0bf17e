package registry

import (
	"net"
	"net/http"
	"os"
)

// StartNamed serves a registry over TLS under a host name such as
// registry.example.com, on port 443 as far as its clients can see. The name is
// never looked up: Env names a proxy on loopback that sends this one name to
// the registry and refuses every other, and a file with the registry's own CA.
func StartNamed(host string, opts ...Option) (*Server, error) {
	s := &Server{host: host}
	backend, err := s.listenTLS(host)
	if err != nil {
		return nil, err
	}
	s.serve(backend, s.handler(inProcess(opts), opts))
	if err := s.front(backend.Addr().String()); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// front starts the proxy before the backend and points Env and Transport to it.
func (s *Server) front(backend string) error {
	proxy, err := s.startTunnel(net.JoinHostPort(s.host, "443"), backend)
	if err != nil {
		return err
	}
	s.transport.Proxy = http.ProxyURL(proxy)
	dir, err := os.MkdirTemp("", "registry-ca")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(dir) })
	trust, err := s.trustIn(dir)
	s.env = append(trust, through(proxy)...)
	return err
}
