package faultyregistry

import (
	"net/http"
	"strings"
)

// to redirects; PATH is what was asked for.
func to(target string) Answer {
	return func(w http.ResponseWriter, req *http.Request, _ *Registry) {
		w.Header().Set("Location", strings.ReplaceAll(target, "PATH", req.URL.Path))
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func redirects() []Fault {
	public := func(name, target string) Fault {
		return Fault{Name: name, At: Config, Network: Public, Answer: to(target), Exit: unknown}
	}
	return family("redirects",
		Fault{Name: "to itself, for ever", At: Manifest, Answer: to("PATH"), Exit: unknown},
		Fault{Name: "to itself, for ever", At: Ping, Answer: to("PATH"), Exit: unknown},
		Fault{Name: "to another each time, for ever", At: Config, Answer: func(w http.ResponseWriter, req *http.Request, r *Registry) {
			to("PATH?"+req.URL.RawQuery+"x")(w, req, r)
		}, Exit: unknown},
		Fault{Name: "to nowhere", At: Manifest, Answer: to(""), Exit: unknown},
		Fault{Name: "to no URL", At: Manifest, Answer: to("http://%zz/?" + Secret), Exit: unknown},
		Fault{Name: "to a file", At: Manifest, Answer: to("file:///etc/passwd"), Exit: unknown},
		Fault{Name: "to a host without TLS that the platform does not list", At: Config, Answer: to("http://127.0.0.2:1/" + Secret), Exit: unknown},
		Fault{Name: "of a private registry to a cloud's metadata, 169.254.169.254", At: Config, Answer: to("https://169.254.169.254/latest/meta-data"), Exit: unknown},
		Fault{Name: "to another path of its own that has it, once", At: Ping, Answer: to("/v2"), Times: 1, Exit: fine},
		public("of a public registry to http", "http://store.example.com/"+Secret),
		public("of a public registry to 127.0.0.1", "https://127.0.0.1/"+Secret),
		public("of a public registry to 10.0.0.1", "https://10.0.0.1/"+Secret),
		public("of a public registry to 127.1, which is 127.0.0.1", "https://127.1/"+Secret),
		public("of a public registry to `[::ffff:10.0.0.1]`", "https://[::ffff:10.0.0.1]/"+Secret),
		public("of a public registry to 169.254.169.254", "https://169.254.169.254/latest/meta-data"),
		public("of a public registry to localhost", "https://localhost/"+Secret),
	)
}
