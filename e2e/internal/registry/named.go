package registry

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

// StartNamed serves a registry over TLS under a host name such as
// registry.example.com, on port 443 as far as its clients can see. The name is
// never looked up: Env names a proxy on loopback that sends this one name to
// the registry and refuses every other, and a file with the registry's own CA.
func StartNamed(host string, opts ...Option) (*Server, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	certificate, err := ca.issue(host)
	if err != nil {
		return nil, err
	}
	backend, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{"http/1.1"},
	})
	if err != nil {
		return nil, err
	}
	s := &Server{host: host}
	s.serve(backend, s.handler(opts))
	if err := s.front(backend.Addr().String(), ca); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// front starts the proxy before the backend and points Env and Transport to it.
func (s *Server) front(backend string, ca *authority) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca.certificate)
	s.transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.serve(listener, newTunnel(net.JoinHostPort(s.host, "443"), backend))
	proxy := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	s.transport.Proxy = http.ProxyURL(proxy)

	dir, err := os.MkdirTemp("", "registry-ca")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(dir) })
	bundle := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(bundle, ca.pem(), 0o644); err != nil {
		return err
	}
	s.env = []string{
		"HTTPS_PROXY=" + proxy.String(), "https_proxy=" + proxy.String(),
		"HTTP_PROXY=" + proxy.String(), "http_proxy=" + proxy.String(),
		"NO_PROXY=", "no_proxy=",
		// Go reads the system's directories beside the file unless told not to.
		"SSL_CERT_FILE=" + bundle, "SSL_CERT_DIR=" + dir,
	}
	return nil
}
