package faultyregistry

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// challenge wants a token of an endpoint, by default the registry's own.
func challenge(w http.ResponseWriter, r *Registry, realm string) {
	if realm == "" {
		realm = r.origin() + "/token"
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service=%q`, realm, Secret))
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":%q}]}`, Secret)
}

// tokened is a registry that wants a token for everything; its endpoint answers so.
func tokened(endpoint Answer) Answer {
	return func(w http.ResponseWriter, req *http.Request, r *Registry) {
		switch {
		case req.URL.Path == "/token":
			endpoint(w, req, r)
		case req.Header.Get("Authorization") == "":
			challenge(w, r, "")
		default:
			r.store.ServeHTTP(w, req)
		}
	}
}

// forever wants a token, gives one, and wants another.
func forever(w http.ResponseWriter, req *http.Request, r *Registry) {
	if req.URL.Path == "/token" {
		_, _ = fmt.Fprintf(w, `{"token":"%s%d","expires_in":60}`, Secret, issued.Add(1))
		return
	}
	challenge(w, r, "")
}

var issued atomic.Int64

// realm is a ping that names an endpoint elsewhere.
func realm(at string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, r *Registry) { challenge(w, r, at) }
}

func tokens() []Fault {
	token := func(name string, endpoint Answer) Fault {
		return Fault{Name: name, At: Token, Answer: tokened(endpoint), Exit: unknown}
	}
	public := func(name, at string) Fault {
		return Fault{Name: name, At: Ping, Network: Public, Answer: realm(at), Exit: unknown}
	}
	itself := func(w http.ResponseWriter, req *http.Request, _ *Registry) {
		http.Redirect(w, req, "/token?"+Secret, http.StatusTemporaryRedirect)
	}
	fine := token("a token, and then all is well", says("application/json", `{"token":"`+Secret+`"}`))
	fine.Exit = 0
	return family("tokens",
		fine,
		Fault{Name: "401 for ever, each with a fresh challenge", At: Everything, Answer: forever, Exit: unknown},
		Fault{Name: "401 without a challenge", At: Manifest, Answer: status(401), Exit: unknown},
		Fault{Name: "401 without a challenge", At: Everything, Answer: status(401), Exit: unknown},
		Fault{Name: "a challenge of a kind that nobody knows", At: Everything, Answer: status(401, "WWW-Authenticate", "Quiz question=\""+Secret+"\""), Exit: unknown},
		token("the endpoint redirects to itself", itself),
		token("the endpoint: 401", status(401)),
		token("the endpoint: 404", status(404)),
		token("the endpoint: 500 for ever", status(500)),
		token("the endpoint: a page of HTML", says("text/html", portal)),
		token("the endpoint: an empty token", says("application/json", `{"token":""}`)),
		token("the endpoint: a token of two lines", says("application/json", `{"token":"`+Secret+`\r\nHost: evil"}`)),
		token("the endpoint: 200 MB", flood(200, false)),
		Fault{Name: "the endpoint is a file", At: Ping, Answer: realm("file:///etc/passwd"), Exit: unknown},
		Fault{Name: "the endpoint is no URL", At: Ping, Answer: realm("http://%zz/" + Secret), Exit: unknown},
		Fault{Name: "the endpoint is another host without TLS", At: Ping, Answer: realm("http://127.0.0.2:1/token"), Exit: unknown},
		public("a public registry's endpoint is without TLS", "http://auth.example.com/token"),
		public("a public registry's endpoint is 127.0.0.1", "https://127.0.0.1/token"),
		public("a public registry's endpoint is 10.0.0.1", "https://10.0.0.1/token"),
		public("a public registry's endpoint is 169.254.169.254", "https://169.254.169.254/latest/meta-data"),
		public("a public registry's endpoint is localhost", "https://localhost/token"),
	)
}
