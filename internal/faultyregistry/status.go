package faultyregistry

import (
	"fmt"
	"io"
	"net/http"
)

// status answers with nothing but a status, and words of its own.
func status(code int, header ...string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ *Registry) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		if code >= 200 && code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = io.WriteString(w, `{"errors":[{"code":"`+Secret+`","message":"`+Secret+` \u001b[31m\n::error::`+Secret+`"}]}`)
		}
	}
}

// says answers 200 with a text.
func says(contentType, text string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ *Registry) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	}
}

const after = "Retry-After"

// portal is what stands before the Internet in hotels, and before some registries.
const portal = "<html><title>" + Secret + "</title></html>"

func statuses() []Fault {
	faults := []Fault{
		{Name: "503 twice, `Retry-After: 1`", At: Manifest, Answer: status(503, after, "1"), Times: 2, Exit: fine},
		{Name: "503, `Retry-After: 3600`", At: Manifest, Answer: status(503, after, "3600")},
		{Name: "503, `Retry-After` is a date that is past", At: Manifest, Answer: status(503, after, "Fri, 31 Dec 1999 23:59:59 GMT")},
		{Name: "503, `Retry-After` is a date in 2999", At: Manifest, Answer: status(503, after, "Tue, 31 Dec 2999 23:59:59 GMT")},
		{Name: "503, `Retry-After: soon`", At: Manifest, Answer: status(503, after, "soon "+Secret)},
		{Name: "503, `Retry-After: -5`", At: Manifest, Answer: status(503, after, "-5")},
		{Name: "503, `Retry-After` is no number that fits", At: Manifest, Answer: status(503, after, "99999999999999999999")},
		{Name: "429 for ever", At: Manifest, Answer: status(429)},
		{Name: "429 once, `Retry-After: 1`", At: Manifest, Answer: status(429, after, "1"), Times: 1, Exit: fine},
		{Name: "500 for ever", At: Everything, Answer: status(500)},
		{Name: "500 twice, then all is well", At: Manifest, Answer: status(500), Times: 2, Exit: fine},
		{Name: "501", At: Manifest, Answer: status(501)},
		{Name: "504 for ever", At: Evidence, Answer: status(504)},
		{Name: "100 for ever", At: Manifest, Answer: hints(100)},
		{Name: "103 for ever", At: Manifest, Answer: hints(103)},
		{Name: "204", At: Manifest, Answer: status(204)},
		{Name: "206", At: Manifest, Answer: status(206)},
		{Name: "304", At: Manifest, Answer: status(304)},
		{Name: "400", At: Manifest, Answer: status(400)},
		{Name: "403", At: Manifest, Answer: status(403)},
		{Name: "403", At: Ping, Answer: status(403)},
		{Name: "404", At: Ping, Answer: status(404)},
		{Name: "404: it has no such tag", At: Manifest, Answer: status(404), Exit: refused},
		{Name: "404: what the manifest names is not there", At: Config, Answer: status(404)},
		{Name: "404: the list names what is not there, so that there is no signature", At: Signature, Answer: status(404), Exit: refused},
		{Name: "404: the evidence is not there", At: Evidence, Answer: status(404)},
		{Name: "404: no list, nor one under the tag; the model is not signed then", At: Referrers, Answer: status(404), Exit: refused},
		{Name: "403", At: Referrers, Answer: status(403)},
		{Name: "a page of HTML", At: Everything, Answer: says("text/html", portal)},
		{Name: "a page of HTML", At: Manifest, Answer: says("text/html", portal)},
		{Name: "a page of HTML", At: Referrers, Answer: says("text/html", portal)},
		{Name: "nothing at all, with 200", At: Manifest, Answer: says("application/json", "")},
	}
	for i, f := range faults {
		if f.Exit == fine && f.Times == 0 {
			faults[i].Exit = unknown
		}
	}
	return family("answers", faults...)
}

// hints sends informational answers and never the one that counts.
func hints(code int) Answer {
	return func(w http.ResponseWriter, req *http.Request, _ *Registry) {
		conn, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		for range 1 << 20 {
			if _, err := fmt.Fprintf(out, "HTTP/1.1 %d %s\r\nLink: <%s>\r\n\r\n", code, Secret, Secret); err != nil {
				return
			}
		}
	}
}
