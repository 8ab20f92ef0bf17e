package faultyregistry

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/modelfn/modelfn/internal/testsign"
)

// other sends something else of the same length, as good answers have digests.
func other(w http.ResponseWriter, req *http.Request, r *Registry) {
	_, _ = w.Write(bytes.Replace(r.good(req), []byte("a"), []byte("b"), 1))
}

// labelled sends the good answer under a header of its own.
func labelled(key, value string) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		w.Header().Set(key, value)
		_, _ = w.Write(r.good(req))
	}
}

// strangers is a manifest that nobody signed.
func strangers(w http.ResponseWriter, req *http.Request, r *Registry) {
	m := testsign.Kit("trout", "1.0.0")
	if strings.Contains(req.URL.Path, "/manifests/") {
		_, _ = w.Write(m.Manifest)
		return
	}
	_, _ = w.Write(m.Config)
}

func lies() []Fault {
	deep := strings.Repeat("[", 2<<20)
	return family("lies",
		Fault{Name: "other bytes than the digest says", At: Config, Answer: other, Exit: unknown},
		Fault{Name: "other bytes than the digest says", At: Signature, Answer: other, Exit: unknown},
		Fault{Name: "other bytes than the digest says", At: Evidence, Answer: other, Exit: unknown},
		Fault{Name: "another model, whose blobs are not there", At: Manifest, Answer: strangers, Exit: unknown},
		Fault{Name: "`Content-Type: text/html`", At: Manifest, Answer: labelled("Content-Type", "text/html"), Exit: fine},
		Fault{Name: "`Content-Type` of a list", At: Signature, Answer: labelled("Content-Type", listType), Exit: fine},
		Fault{Name: "`Docker-Content-Digest` of another", At: Manifest, Answer: labelled("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)), Exit: fine},
		Fault{Name: "2 Mi brackets", At: Manifest, Answer: says("application/json", deep), Exit: unknown},
		Fault{Name: "2 Mi brackets", At: Referrers, Answer: says("application/json", deep), Exit: unknown},
		Fault{Name: "JSON of something else", At: Manifest, Answer: says("application/json", `{"`+Secret+`": 1}`), Exit: refused},
		Fault{Name: "an old manifest, of schema 1", At: Manifest, Answer: says("application/json", `{"schemaVersion":1,"name":"`+Secret+`","signatures":[]}`), Exit: refused},
	)
}
