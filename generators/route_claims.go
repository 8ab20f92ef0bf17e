package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/object"
)

// KindRequests is no kind of the API: a claim of it is on the requests that a route
// of ours takes.
const KindRequests = "requests"

// RouteClaims are the requests that a route takes, as one object for each host name
// and match: which of two routes gets what both ask for, the gateway decides by
// their age. Names and namespaces are put together to host names and paths, so that
// two deployments can ask for the same.
func RouteClaims(o object.Object) []object.Object {
	if o.Kind != kindHTTPRoute && o.Kind != kindGRPCRoute {
		return nil
	}
	spec, _ := o.Body.Get("spec").(object.Map)
	hosts, _ := spec.Get("hostnames").(object.List)
	if len(hosts) == 0 {
		hosts = object.List{"any host"}
	}
	var out []object.Object
	for _, match := range matches(spec) {
		for _, host := range hosts {
			out = append(out, object.Object{Kind: KindRequests, Name: "to " + host.(string) + match + " at the Gateway " + gatewayOf(o, spec)})
		}
	}
	return out
}

// gatewayOf is the route's Gateway; without a namespace it is in the route's own.
func gatewayOf(o object.Object, spec object.Map) string {
	parents, _ := spec.Get("parentRefs").(object.List)
	gateway, _ := parents[0].(object.Map)
	namespace, _ := gateway.Get("namespace").(string)
	if namespace == "" {
		namespace = o.Namespace
	}
	name, _ := gateway.Get("name").(string)
	return strings.TrimPrefix(namespace+"/"+name, "/")
}

// matches are what a route's rules ask of requests, as text. A gRPC request's path
// is its method, and a route that asks for none takes any.
func matches(spec object.Map) []string {
	var out []string
	rules, _ := spec.Get("rules").(object.List)
	for _, rule := range rules {
		list, _ := rule.(object.Map).Get("matches").(object.List)
		if len(list) == 0 {
			list = object.List{object.Map{}}
		}
		for _, match := range list {
			path, _ := match.(object.Map).Get("path").(object.Map)
			value, _ := path.Get("value").(string)
			headers, _ := match.(object.Map).Get("headers").(object.List)
			var wanted []string
			for _, h := range headers {
				name, _ := h.(object.Map).Get("name").(string)
				text, _ := h.(object.Map).Get("value").(string)
				wanted = append(wanted, strings.ToLower(name)+": "+text)
			}
			slices.Sort(wanted)
			claim := "/" + strings.TrimPrefix(value, "/")
			if len(wanted) > 0 {
				claim += " (" + strings.Join(wanted, ", ") + ")"
			}
			out = append(out, claim)
		}
	}
	return out
}
