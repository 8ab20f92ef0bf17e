package faultyregistry

import (
	"io"
	"net"
	"net/http"
	"time"
)

// raw writes what is no valid answer, or half of one, and ends the connection.
func raw(text string, reset bool) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ *Registry) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
		if reset {
			cut(conn)
		}
	}
}

// cut lets the other side get a reset in the place of an end.
func cut(conn net.Conn) {
	if c, ok := conn.(*counted); ok {
		conn = c.Conn
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// silent says nothing until nobody waits any more.
func silent(_ http.ResponseWriter, req *http.Request, _ *Registry) { <-req.Context().Done() }

// drip sends a byte now and then: of an endless text, or of the good answer.
func drip(every time.Duration, endless bool) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		text := r.good(req)
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		for i := 0; endless || i < len(text); i++ {
			one := []byte(" ")
			if !endless {
				one = text[i : i+1]
			}
			if _, err := w.Write(one); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-req.Context().Done():
				return
			case <-time.After(every):
			}
		}
	}
}

// dripHeader never comes to the end of its header.
func dripHeader(w http.ResponseWriter, req *http.Request, _ *Registry) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
	for {
		if _, err := io.WriteString(conn, "X: "+Secret+"\r\n"); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func connections() []Fault {
	const header = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	soon := 1500 * time.Millisecond
	hold := func(conn net.Conn, _ *Registry) { _, _ = io.Copy(io.Discard, conn) }
	return family("connections",
		Fault{Name: "nobody listens", Network: Closed, At: Everything, Exit: unknown},
		Fault{Name: "the host does not resolve", Network: Nameless, At: Everything, Timeout: soon, Exit: unknown,
			Varies: "what the resolver says, or that it says nothing within the time that was given"},
		Fault{Name: "each connection is reset at once", At: Everything, Speak: func(conn net.Conn, _ *Registry) { cut(conn) }, Exit: unknown,
			Varies: "what became of the connection: reset, or broken off"},
		Fault{Name: "it accepts, and never answers", At: Everything, Speak: hold, Timeout: soon, Exit: unknown},
		Fault{Name: "it never answers", At: Manifest, Answer: silent, Timeout: soon, Exit: unknown},
		Fault{Name: "it never answers", At: Referrers, Answer: silent, Timeout: soon, Exit: unknown},
		Fault{Name: "closed before the answer, for ever", At: Manifest, Answer: raw("", false), Exit: unknown},
		Fault{Name: "closed before the answer, twice", At: Config, Answer: raw("", false), Times: 2, Exit: fine},
		Fault{Name: "reset before the answer, twice", At: Manifest, Answer: raw("", true), Times: 2, Exit: fine},
		Fault{Name: "closed within the header", At: Manifest, Answer: raw(header, false), Exit: unknown},
		Fault{Name: "closed after the header", At: Manifest, Answer: raw(header+"Content-Length: 900\r\n\r\n", false), Exit: unknown},
		Fault{Name: "closed after the header, once", At: Evidence, Answer: raw(header+"Content-Length: 900\r\n\r\n", false), Times: 1, Exit: fine},
		Fault{Name: "a byte now and then, for ever", At: Manifest, Answer: drip(20*time.Millisecond, true), Timeout: soon, Exit: unknown},
		Fault{Name: "a byte now and then, for ever", At: Everything, Answer: drip(20*time.Millisecond, true), Timeout: soon, Exit: unknown},
		Fault{Name: "a header line now and then, for ever", At: Manifest, Answer: dripHeader, Timeout: soon, Exit: unknown},
		Fault{Name: "slow, byte by byte, but all of it", At: Manifest, Answer: drip(time.Microsecond, false), Exit: fine},
	)
}
