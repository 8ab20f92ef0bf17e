package faultyregistry

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// entries is a list of so many referrers that are not there.
func entries(n int) string {
	var b strings.Builder
	b.WriteString(`{"schemaVersion":2,"mediaType":"` + listType + `","manifests":[`)
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json","size":900,"digest":"sha256:%064x"}`, i)
	}
	b.WriteString("]}")
	return b.String()
}

// page is a list that goes on at another page, by its number or always the same.
func page(target string) Answer {
	return func(w http.ResponseWriter, req *http.Request, _ *Registry) {
		n, _ := strconv.Atoi(req.URL.Query().Get("n"))
		next := strings.ReplaceAll(target, "PAGE", req.URL.Path+"?n="+strconv.Itoa(n+1))
		w.Header().Set("Link", "<"+next+`>; rel="next"`)
		w.Header().Set("Content-Type", listType)
		_, _ = io.WriteString(w, entries(0))
	}
}

func lists() []Fault {
	list := func(text string) Answer { return says(listType, text) }
	one := func(field, value string) string { return strings.Replace(entries(1), field, value, 1) }
	return family("lists",
		Fault{Name: "an empty list: the signatures are withheld", At: Referrers, Answer: list(entries(0)), Exit: refused},
		Fault{Name: "no list, but a null", At: Referrers, Answer: list("null"), Exit: unknown},
		Fault{Name: "each page names a next one, for ever", At: Referrers, Answer: page("PAGE"), Exit: unknown},
		Fault{Name: "each page names itself", At: Referrers, Answer: page("?n=0"), Exit: unknown},
		Fault{Name: "the next page is another host's", At: Referrers, Answer: page("http://127.0.0.1:1/" + Secret), Exit: unknown},
		Fault{Name: "the next page is no URL", At: Referrers, Answer: page("http://%zz/" + Secret), Exit: unknown},
		Fault{Name: "20000 entries", At: Referrers, Answer: list(entries(20000)), Exit: unknown},
		Fault{Name: "900 entries that are not there", At: Referrers, Answer: list(entries(900)), Exit: refused},
		Fault{Name: "60 entries that are not there", At: Referrers, Answer: list(entries(60)), Exit: refused},
		Fault{Name: "an entry without a digest", At: Referrers, Answer: list(one("sha256:", Secret)), Exit: unknown},
		Fault{Name: "an entry of a negative size that is not there", At: Referrers, Answer: list(one(`"size":900`, `"size":-900`)), Exit: refused},
	)
}
