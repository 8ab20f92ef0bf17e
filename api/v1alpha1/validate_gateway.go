package v1alpha1

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

var (
	pathPrefix = pattern.New(`^(/[A-Za-z0-9._~-]+)+$`)
	// headerName and headerValue are what the Gateway API takes.
	headerName  = pattern.New("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")
	headerValue = pattern.New(`^[ -~]+$`)
	// filled stands for what is put into a platform's texts.
	filled = strings.NewReplacer("{name}", "name", "{namespace}", "namespace")
	// place is what looks as if something would be put there.
	place = pattern.New(`\{[A-Za-z0-9_.-]+\}`)
)

const (
	// maxHeader is the longest header value that the Gateway API takes.
	maxHeader = 4096
	// MaxHeaders is how many headers a match of the Gateway API takes.
	MaxHeaders = 16
)

// gateway checks how models are reached.
func (e *fieldErrors) gateway(path string, mode string, g *Gateway) {
	if g == nil {
		return
	}
	switch {
	case g.Name == "":
		e.add(path+".name", "name the Gateway", "required")
	case !subdomain.MatchString(g.Name) || len(g.Name) > maxSubdomain:
		e.add(path+".name", "use the name of a Gateway", "%q is no resource name", g.Name)
	}
	if g.Namespace != "" && !IsNamespace(g.Namespace) {
		e.add(path+".namespace", "use the Gateway's namespace", "%q is not a namespace name", g.Namespace)
	}
	if mode == ModeStandard {
		e.requests(path, g)
		return
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"hostnames", g.Hostnames != nil}, {"pathPrefix", g.PathPrefix != ""}, {"headers", g.Headers != nil}} {
		if f.set {
			e.add(path+"."+f.name, "set spec.serving.mode to Standard, or remove it", "in Knative mode KServe makes the routes, and of a gateway only name and namespace hold, for large language models")
		}
	}
}

// requests checks which of a gateway's requests are a model's, in Standard mode.
func (e *fieldErrors) requests(path string, g *Gateway) {
	own := strings.Contains(g.PathPrefix, "{name}")
	for _, value := range g.Headers {
		own = own || strings.Contains(value, "{name}")
	}
	for i, host := range g.Hostnames {
		at := fmt.Sprintf("%s.hostnames[%d]", path, i)
		if text := filled.Replace(host); !e.unknownPlace(at, text) && (!subdomain.MatchString(text) || len(text) > maxSubdomain) {
			e.add(at, "write a host name such as {name}-{namespace}.models.example.com", "%q is no host name", host)
		}
		if !own && !strings.Contains(host, "{name}") {
			e.add(at, "put {name} into it, or into pathPrefix or a header", "every model would have the same route")
		}
	}
	if text := filled.Replace(g.PathPrefix); text != "" && !e.unknownPlace(path+".pathPrefix", text) &&
		(!pathPrefix.MatchString(text) || strings.Contains(text+"/", "/../") || strings.Contains(text+"/", "/./")) {
		e.add(path+".pathPrefix", "write a path such as /{namespace}/{name}", "%q is no path", g.PathPrefix)
	}
	switch {
	case len(g.Hostnames) > 0 || own:
	case g.PathPrefix == "":
		e.add(path, `write hostnames: ["{name}-{namespace}.models.example.com"], or pathPrefix: "/{namespace}/{name}"`, "every model would have the same route")
	default:
		e.add(path+".pathPrefix", "put {name} into it, or give hostnames with {name}", "every model would have the same route")
	}
	values := map[string]string{}
	for _, name := range sortedKeys(g.Headers) {
		values[name] = filled.Replace(g.Headers[name])
		e.unknownPlace(path+".headers."+name, values[name])
	}
	e.headers(path+".headers", values)
}

// unknownPlace tells whether a filled text has something left to fill in, which
// nobody would.
func (e *fieldErrors) unknownPlace(path, text string) bool {
	left := place.FindString(text)
	if left != "" {
		e.add(path, "use {name} and {namespace}, which are the ModelDeployment's", "nothing fills in %s", left)
	}
	return left != ""
}

// headers checks what requests must have. Whatever their case, names are the same,
// and in the Gateway API only the first of several counts.
func (e *fieldErrors) headers(path string, headers map[string]string) {
	if len(headers) > MaxHeaders {
		e.add(path, "keep fewer", "%d headers, at most %d are supported", len(headers), MaxHeaders)
	}
	seen := map[string]string{}
	for _, name := range sortedKeys(headers) {
		if !headerName.MatchString(name) {
			e.add(path+"."+name, "use letters, digits and '-'", "%q is no header name", name)
		}
		if first, twice := seen[strings.ToLower(name)]; twice {
			e.add(path+"."+name, "keep one of them", "%s and %s are one header: case does not count in their names", first, name)
		}
		seen[strings.ToLower(name)] = name
		if !headerValue.MatchString(headers[name]) || len(headers[name]) > maxHeader {
			e.add(path+"."+name, "use printable characters", "%q is no header value", headers[name])
		}
	}
}
