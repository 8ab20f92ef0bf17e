package faultyregistry

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	// large is the size of what is announced, or sent, where there should be a little.
	large = 200 << 20
	// listType is the media type of a list of referrers.
	listType = "application/vnd.oci.image.index.v1+json"
)

// spaces are whitespace to whoever parses as it comes.
var spaces = bytes.Repeat([]byte(" "), 64<<10)

// flood sends so much that nobody should take it; with a length it says so before.
func flood(code int, length bool, header ...string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ *Registry) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		if length {
			w.Header().Set("Content-Length", strconv.Itoa(large))
		}
		w.WriteHeader(code)
		for sent := 0; sent < large; sent += len(spaces) {
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	}
}

// half of the good answer comes, under its full length or in a chunk that another
// should follow.
func half(chunked bool) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		text := r.good(req)
		if !chunked {
			w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		}
		_, _ = w.Write(text[:len(text)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // ends the connection
	}
}

// claims sends the good answer under another length.
func claims(length func(n int) string) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		text := r.good(req)
		raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s\r\nConnection: close\r\n\r\n%s", length(len(text)), text), false)(w, req, r)
	}
}

// bomb is gzip of zeroes that nobody asked for.
func bomb(w http.ResponseWriter, req *http.Request, r *Registry) {
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = io.Copy(w, zeroes())
}

// headers sends so many header lines.
func headers(n, width int) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		for i := range n {
			w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat(Secret, width))
		}
		_, _ = w.Write(r.good(req))
	}
}

func lengths() []Fault {
	length := func(format string, delta int) Answer {
		return claims(func(n int) string { return fmt.Sprintf(format, n+delta) })
	}
	return family("lengths",
		Fault{Name: "half of what `Content-Length` says", At: Manifest, Answer: half(false), Exit: unknown},
		Fault{Name: "half of what `Content-Length` says", At: Config, Answer: half(false), Exit: unknown},
		Fault{Name: "half of what `Content-Length` says", At: Evidence, Answer: half(false), Exit: unknown},
		Fault{Name: "chunks that break off", At: Manifest, Answer: half(true), Exit: unknown},
		Fault{Name: "chunks that break off", At: Referrers, Answer: half(true), Exit: unknown},
		Fault{Name: "chunks that break off, once", At: Config, Answer: half(true), Times: 1, Exit: fine},
		Fault{Name: "`Content-Length` is too small", At: Config, Answer: length("Content-Length: %d", -1), Exit: unknown},
		Fault{Name: "`Content-Length` is too small", At: Manifest, Answer: length("Content-Length: %d", -1), Exit: unknown},
		Fault{Name: "`Content-Length` is too large", At: Config, Answer: length("Content-Length: %d", 1), Exit: unknown},
		Fault{Name: "`Content-Length` is negative", At: Manifest, Answer: claims(func(int) string { return "Content-Length: -1" }), Exit: unknown},
		Fault{Name: "two of them that differ", At: Manifest, Answer: length("Content-Length: 1\r\nContent-Length: %d", 0), Exit: unknown},
		Fault{Name: "9 EB are announced", At: Manifest, Answer: claims(func(int) string { return "Content-Length: 9000000000000000000" }), Exit: unknown},
		Fault{Name: "200 MB, and it says so", At: Manifest, Answer: flood(200, true), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Manifest, Answer: flood(200, false), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Config, Answer: flood(200, false), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Signature, Answer: flood(200, false), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Evidence, Answer: flood(200, false), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Referrers, Answer: flood(200, false), Exit: unknown},
		Fault{Name: "200 MB in chunks", At: Ping, Answer: flood(200, false), Exit: fine},
		Fault{Name: "200 MB of a 401", At: Ping, Answer: flood(401, false, "WWW-Authenticate", `Basic realm="x"`), Exit: fine},
		Fault{Name: "200 MB of a 500", At: Manifest, Answer: flood(500, false), Exit: unknown},
		Fault{Name: "200 MB beside a redirect to itself", At: Manifest, Answer: flood(307, false, "Location", "/v2/"+Repository+"/manifests/"+Tag), Exit: unknown},
		Fault{Name: "gzip of 200 MB", At: Manifest, Answer: bomb, Exit: unknown},
		Fault{Name: "gzip of 200 MB", At: Config, Answer: bomb, Exit: unknown},
		Fault{Name: "2000 header lines", At: Manifest, Answer: headers(2000, 1), Exit: fine},
		Fault{Name: "20000 header lines", At: Manifest, Answer: headers(20000, 2), Exit: unknown},
		Fault{Name: "a header line of 7 MB", At: Manifest, Answer: headers(1, 1<<20), Exit: unknown},
	)
}
