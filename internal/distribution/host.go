package distribution

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Host is what is special about one registry.
type Host struct {
	// Name is host[:port] as in references.
	Name string
	// PlainHTTP is http, and only http, for this host.
	PlainHTTP bool
	// CABundle is PEM, used instead of the system's roots for this host alone.
	CABundle string
	// Mirror is host[:port][/prefix] that is asked instead. What is special
	// about it stands in an entry of its own; its own Mirror is not followed.
	Mirror string
}

// listed is a Host that was checked.
type listed struct {
	plain bool
	// transport trusts the CA bundle; nil where there is none.
	transport      *http.Transport
	mirror, prefix string
}

// pathPattern is the OCI distribution specification's grammar of a repository:
// no "..", no empty segment, no percent encoding.
var pathPattern = pattern.New(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)

func (c *Client) check(h Host) (*listed, error) {
	if _, err := name.NewRegistry(h.Name, name.StrictValidation); err != nil || strings.Contains(h.Name, "/") {
		return nil, fmt.Errorf("registry %q: the name is no host[:port]", h.Name)
	}
	l := &listed{plain: h.PlainHTTP}
	if h.CABundle != "" {
		if h.PlainHTTP {
			return nil, fmt.Errorf("registry %s: a CA bundle is of no use with plain HTTP: give one of the two", h.Name)
		}
		roots, err := parseRoots(h.CABundle)
		if err != nil {
			return nil, fmt.Errorf("registry %s: CA bundle: %w", h.Name, err)
		}
		l.transport = c.newTransport(nil)
		l.transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	if h.Mirror != "" {
		host, prefix, found := strings.Cut(h.Mirror, "/")
		if _, err := name.NewRegistry(host, name.StrictValidation); err != nil || found && !pathPattern.MatchString(prefix) {
			return nil, fmt.Errorf("registry %s: mirror %q is no host[:port][/prefix]", h.Name, h.Mirror)
		}
		l.mirror, l.prefix = host, prefix
	}
	return l, nil
}

// parseRoots refuses a bundle with anything but certificates: one that is
// skipped would be missed only when its host renews its certificate.
func parseRoots(bundle string) (*x509.CertPool, error) {
	pool, rest, count := x509.NewCertPool(), []byte(bundle), 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("it holds something else than certificates")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		pool.AddCert(certificate)
		count++
	}
	if count == 0 || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("it is no PEM")
	}
	return pool, nil
}

// hostKey is how hosts are compared: as names do in references, without the
// scheme's own port. It knows Docker Hub's two names as one.
func hostKey(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	if host == "docker.io" {
		return name.DefaultRegistry
	}
	return host
}

func keyOf(u *url.URL) string { return hostKey(u.Scheme, u.Host) }

func schemeOf(plain bool) string {
	if plain {
		return "http"
	}
	return "https"
}
