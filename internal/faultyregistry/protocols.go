package faultyregistry

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
)

// banner says something that is no HTTP, as a program of another kind would.
func banner(text string) func(net.Conn, *Registry) {
	return func(conn net.Conn, _ *Registry) {
		// What was asked is read first: a reset would take the banner with it.
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, text)
	}
}

// frames of HTTP/2, as they are sent: SETTINGS, and GOAWAY with no stream processed
// (ENHANCE_YOUR_CALM), and a text for whoever debugs it.
var (
	settings = []byte{0, 0, 0, 4, 0, 0, 0, 0, 0}
	goAway   = append([]byte{0, 0, byte(8 + len(Secret)), 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11}, Secret...)
)

// away sends everybody away before anything was asked.
func away(conn net.Conn, r *Registry) {
	secure := tls.Server(conn, &tls.Config{Certificates: r.server.TLS.Certificates, NextProtos: []string{"h2"}})
	_, _ = secure.Write(settings)
	_, _ = secure.Write(goAway)
	_, _ = io.Copy(io.Discard, secure)
}

// abort ends what HTTP/2 calls a stream.
func abort(http.ResponseWriter, *http.Request, *Registry) { panic(http.ErrAbortHandler) }

func protocols() []Fault {
	return family("protocols",
		Fault{Name: "its certificate is signed by nobody who is known", Network: Untrusted, At: Everything, Exit: unknown},
		Fault{Name: "its certificate is another host's", Network: Misnamed, At: Everything, Exit: unknown},
		Fault{Name: "its certificate is expired", Network: Expired, At: Everything, Exit: unknown, Varies: "that the certificate is expired, and since when"},
		Fault{Name: "HTTP where HTTPS is expected", Network: Mistaken, At: Everything, Exit: unknown},
		Fault{Name: "HTTPS where the platform lists plain HTTP", Network: Reversed, At: Everything, Exit: unknown},
		Fault{Name: "it is no web server: SSH", At: Everything, Speak: banner("SSH-2.0-" + Secret + "\r\n"), Exit: unknown},
		Fault{Name: "bytes that are nothing", At: Everything, Speak: banner("\x00\x01\xff\x1b[31m" + Secret), Exit: unknown},
		Fault{Name: "HTTP/0.9", At: Manifest, Answer: raw("{\"schemaVersion\":2}\n", false), Exit: unknown},
		Fault{Name: "HTTP/2: each stream is aborted", Network: TLS, At: Manifest, Answer: abort, Exit: unknown},
		Fault{Name: "HTTP/2: GOAWAY to everybody", Network: TLS, At: Everything, Speak: away, Exit: unknown},
	)
}
