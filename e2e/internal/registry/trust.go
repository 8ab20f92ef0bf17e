package registry

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// listenTLS listens on a free port of loopback, with a certificate for host by
// an authority of its own, which Transport trusts from here on and nothing else.
func (s *Server) listenTLS(host string) (net.Listener, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	certificate, err := ca.issue(host)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.certificate)
	s.ca = ca.pem()
	s.transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	return tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{"http/1.1"},
	})
}

// trustIn writes the authority into a directory and returns the variables that
// make Go programs trust it alone.
func (s *Server) trustIn(dir string) ([]string, error) {
	bundle := filepath.Join(dir, "ca.pem")
	return []string{
		// Go reads the system's directories beside the file unless told not to.
		"SSL_CERT_FILE=" + bundle, "SSL_CERT_DIR=" + dir,
	}, os.WriteFile(bundle, s.ca, 0o644)
}
