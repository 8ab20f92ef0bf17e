package v1alpha1

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	pathPrefix = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
	// headerName and headerValue are what the Gateway API takes.
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")
	headerValue = regexp.MustCompile(`^[ -~]+$`)
	// filled stands for what is put into a platform's texts.
	filled = strings.NewReplacer("{name}", "name", "{namespace}", "namespace")
)

// maxHeader is the longest header value that the Gateway API takes.
const maxHeader = 4096

// gateway checks how models are reached in Standard mode.
func (e *fieldErrors) gateway(path string, mode string, g *Gateway) {
	if g == nil {
		return
	}
	if mode != ModeStandard {
		e.add(path, "set spec.serving.mode to Standard, or remove it", "in Knative mode KServe makes the routes")
		return
	}
	if !subdomain.MatchString(g.Name) || len(g.Name) > maxSubdomain {
		e.add(path+".name", "use the name of a Gateway", "%q is no resource name", g.Name)
	}
	if g.Namespace != "" && (!dns1123.MatchString(g.Namespace) || len(g.Namespace) > maxLabel) {
		e.add(path+".namespace", "use the Gateway's namespace", "%q is not a namespace name", g.Namespace)
	}
	own := strings.Contains(g.PathPrefix, "{name}")
	for i, host := range g.Hostnames {
		at := fmt.Sprintf("%s.hostnames[%d]", path, i)
		if text := filled.Replace(host); !subdomain.MatchString(text) || len(text) > maxSubdomain {
			e.add(at, "write a host name such as {name}-{namespace}.models.example.com", "%q is no host name", host)
		}
		if !own && !strings.Contains(host, "{name}") {
			e.add(at, "put {name} into it, or into pathPrefix", "every model would have the same route")
		}
	}
	if g.PathPrefix != "" && (!pathPrefix.MatchString(filled.Replace(g.PathPrefix)) || strings.Contains(g.PathPrefix+"/", "/../") || strings.Contains(g.PathPrefix+"/", "/./")) {
		e.add(path+".pathPrefix", "write a path such as /{namespace}/{name}", "%q is no path", g.PathPrefix)
	}
	switch {
	case len(g.Hostnames) > 0 || own:
	case g.PathPrefix == "":
		e.add(path, `write hostnames: ["{name}-{namespace}.models.example.com"], or pathPrefix: "/{namespace}/{name}"`, "every model would have the same route")
	default:
		e.add(path+".pathPrefix", "put {name} into it, or give hostnames with {name}", "every model would have the same route")
	}
	e.headers(path+".headers", g.Headers)
}

// headers checks what requests must have.
func (e *fieldErrors) headers(path string, headers map[string]string) {
	for _, name := range sortedKeys(headers) {
		if !headerName.MatchString(name) {
			e.add(path+"."+name, "use letters, digits and '-'", "%q is no header name", name)
		}
		if !headerValue.MatchString(headers[name]) || len(headers[name]) > maxHeader {
			e.add(path+"."+name, "use printable characters", "%q is no header value", headers[name])
		}
	}
}
