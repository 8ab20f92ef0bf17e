package registry

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// tunnel is an HTTP proxy that knows one target. Everything else is refused, so
// that a tool under test cannot reach the network by accident.
type tunnel struct{ target, backend string }

func newTunnel(target, backend string) http.Handler { return tunnel{target, backend} }

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
