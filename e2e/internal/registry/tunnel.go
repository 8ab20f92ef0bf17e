package registry

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// tunnel is an HTTP proxy that knows one target. Everything else is refused, so
// that a tool under test cannot reach the network by accident.
type tunnel struct{ target, backend string }

// startTunnel serves one until Close.
func (s *Server) startTunnel(target, backend string) (*url.URL, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.serve(listener, tunnel{target, backend})
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}, nil
}

// through holds the variables that send a process through a proxy. Go goes to
// loopback without one, whatever they say.
func through(proxy *url.URL) []string {
	return []string{
		"HTTPS_PROXY=" + proxy.String(), "https_proxy=" + proxy.String(),
		"HTTP_PROXY=" + proxy.String(), "http_proxy=" + proxy.String(),
		"NO_PROXY=", "no_proxy=",
	}
}

func (t tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || r.Host != t.target {
		http.Error(w, fmt.Sprintf("only CONNECT %s is served here, not %s %s", t.target, r.Method, r.Host), http.StatusForbidden)
		return
	}
	backend, err := net.DialTimeout("tcp", t.backend, 5*time.Second)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = backend.Close() }()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = client.Close() }()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	// The end of either direction ends both: a TLS peer that is done says so
	// inside the stream.
	var once sync.Once
	done := func() { once.Do(func() { _ = client.Close(); _ = backend.Close() }) }
	go func() {
		defer done()
		_, _ = io.Copy(backend, buffered)
	}()
	defer done()
	_, _ = io.Copy(client, backend)
}
