package generators

import (
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const kindHTTPRoute = "HTTPRoute"

// route leads requests to the versions, by weight, by headers, or as a copy. It
// spells out what the API server would add, so that nothing differs afterwards.
type route struct{}

var _ Generator = route{}

func (route) Generate(m *model.Model) []object.Object {
	gateway := m.Platform.Spec.Serving.Gateway
	spec := object.Map{
		{Key: "parentRefs", Value: object.List{object.Map{
			{Key: "group", Value: "gateway.networking.k8s.io"}, {Key: "kind", Value: "Gateway"},
			{Key: "namespace", Value: gateway.Namespace}, {Key: "name", Value: gateway.Name},
		}}},
	}
	var hostnames object.List
	for _, text := range gateway.Hostnames {
		hostnames = append(hostnames, filled(text, m))
	}
	spec.Set("hostnames", hostnames)
	spec.Set("rules", rules(m))
	return []object.Object{{
		APIVersion: "gateway.networking.k8s.io/v1", Kind: kindHTTPRoute,
		Namespace: m.Deployment.Metadata.Namespace, Name: m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: waved(recordAnnotations(m), afterVersions),
		Body: object.Map{{Key: "spec", Value: spec}},
	}}
}

// filled puts the deployment's name and namespace into a platform's text.
func filled(text string, m *model.Model) string {
	meta := m.Deployment.Metadata
	return strings.NewReplacer("{name}", meta.Name, "{namespace}", meta.Namespace).Replace(text)
}

// rules: requests with the canary's headers go to it, the others by weight. What
// matches more headers comes first in the Gateway API.
func rules(m *model.Model) object.List {
	var out object.List
	if m.Canary != nil && len(m.Share.Match) > 0 {
		out = append(out, rule(m, m.Share.Match, backends(m, 0, 100)))
	}
	return append(out, rule(m, nil, weighted(m)))
}

// weighted are the backends of requests that nobody singled out.
func weighted(m *model.Model) object.List {
	if m.Canary == nil || m.Shadowed() || m.Share.Weight == nil {
		return backends(m, 100, 0)
	}
	return backends(m, 100-*m.Share.Weight, *m.Share.Weight)
}

func rule(m *model.Model, headers map[string]string, to object.List) object.Map {
	prefix := "/"
	var filters object.List
	if text := m.Platform.Spec.Serving.Gateway.PathPrefix; text != "" {
		prefix = filled(text, m)
		filters = append(filters, rewrite())
	}
	if m.Shadowed() {
		filters = append(filters, mirror(m))
	}
	match := object.Map{{Key: "path", Value: object.Map{{Key: "type", Value: "PathPrefix"}, {Key: "value", Value: prefix}}}}
	wanted := maps.Clone(m.Platform.Spec.Serving.Gateway.Headers)
	if wanted == nil {
		wanted = map[string]string{}
	}
	maps.Copy(wanted, headers)
	match.Set("headers", headerMatches(wanted))
	out := object.Map{{Key: "matches", Value: object.List{match}}}
	out.Set("filters", filters)
	out.Set("backendRefs", to)
	return out
}

func headerMatches(headers map[string]string) object.List {
	var out object.List
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		out = append(out, object.Map{{Key: "type", Value: "Exact"}, {Key: "name", Value: name}, {Key: "value", Value: headers[name]}})
	}
	return out
}

// rewrite cuts the prefix off: servers answer at /v1 and /v2.
func rewrite() object.Map {
	return object.Map{
		{Key: "type", Value: "URLRewrite"},
		{Key: "urlRewrite", Value: object.Map{{Key: "path", Value: object.Map{
			{Key: "type", Value: "ReplacePrefixMatch"}, {Key: "replacePrefixMatch", Value: "/"},
		}}}},
	}
}

func mirror(m *model.Model) object.Map {
	return object.Map{
		{Key: "type", Value: "RequestMirror"},
		{Key: "requestMirror", Value: object.Map{{Key: "backendRef", Value: backend(m, m.Canary)}}},
	}
}

// backends are the versions that get traffic, with their weights.
func backends(m *model.Model, stable, canary int) object.List {
	var out object.List
	for _, to := range []struct {
		version *model.Version
		weight  int
	}{{&m.Stable, stable}, {m.Canary, canary}} {
		if to.version == nil || to.version == m.Canary && m.Shadowed() {
			continue
		}
		out = append(out, append(backend(m, to.version), object.Field{Key: "weight", Value: to.weight}))
	}
	return out
}

// backend is the Service that KServe makes for what of a version answers first.
func backend(m *model.Model, v *model.Version) object.Map {
	return object.Map{
		{Key: "group", Value: ""}, {Key: "kind", Value: "Service"},
		{Key: "name", Value: m.VersionName(v) + "-" + front(m)}, {Key: "port", Value: 80},
	}
}

// front is the component that requests reach: a transformer stands before the
// model.
func front(m *model.Model) string {
	for _, c := range m.Components {
		if c.Name == "transformer" {
			return c.Name
		}
	}
	return "predictor"
}
