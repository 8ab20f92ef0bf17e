package faultyregistry

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// proxy is an HTTP proxy by which PublicHost is the registry. It leads nowhere else:
// whoever asks it for another host is told so by its refusal.
func proxy(t testing.TB, registry string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect || req.Host != PublicHost+":443" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		out, err := net.Dial("tcp", registry)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		// First the connection, then the answer: else the server might read the first
		// that the client says behind it.
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = out.Close()
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(out, in)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
		_ = in.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL
}
