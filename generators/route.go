package generators

import (
	"maps"
	"slices"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const (
	gatewayAPI    = "gateway.networking.k8s.io/v1"
	kindHTTPRoute = "HTTPRoute"
	kindGRPCRoute = "GRPCRoute"
)

// route leads requests to the versions, by weight, by headers, or as a copy. It
// spells out what the API server would add, so that nothing differs afterwards.
type route struct{}

var _ Generator = route{}

func (route) Generate(m *model.Model) []object.Object {
	gateway := m.Platform.Spec.Serving.Gateway
	parent := object.Map{{Key: "group", Value: "gateway.networking.k8s.io"}, {Key: "kind", Value: "Gateway"}}
	parent.Set("namespace", gateway.Namespace) // without, it is the route's own
	parent.Set("name", gateway.Name)
	spec := object.Map{{Key: "parentRefs", Value: object.List{parent}}}
	var hostnames object.List
	for _, text := range gateway.Hostnames {
		hostnames = append(hostnames, m.Filled(text))
	}
	spec.Set("hostnames", hostnames)
	spec.Set("rules", rules(m))
	kind := kindHTTPRoute
	if m.GRPC() {
		kind = kindGRPCRoute
	}
	return []object.Object{{
		APIVersion: gatewayAPI, Kind: kind,
		Namespace: m.Deployment.Metadata.Namespace, Name: m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: waved(recordAnnotations(m), afterVersions),
		Body: object.Map{{Key: "spec", Value: spec}},
	}}
}

// rules: requests with the canary's headers go to it, the others by weight. What
// matches more headers comes first in the Gateway API.
func rules(m *model.Model) object.List {
	var out object.List
	for _, e := range entries(m) {
		if m.Canary != nil && len(m.Share.Match) > 0 {
			out = append(out, rule(m, e, m.Share.Match, backends(m, e, 0, 100)))
		}
		out = append(out, rule(m, e, nil, weighted(m, e)))
	}
	return out
}

// weighted are the backends of requests that nobody singled out.
func weighted(m *model.Model, e entry) object.List {
	if m.Canary == nil || m.Shadowed() || m.Share.Weight == nil {
		return backends(m, e, 100, 0)
	}
	return backends(m, e, 100-*m.Share.Weight, *m.Share.Weight)
}

func rule(m *model.Model, e entry, headers map[string]string, to object.List) object.Map {
	filters := slices.Clone(e.filters)
	if m.Shadowed() {
		filters = append(filters, mirror(m, e))
	}
	wanted := map[string]string{}
	maps.Copy(wanted, headers)
	// The platform's hold for every request; the validators refused others of their names.
	for name, value := range m.Platform.Spec.Serving.Gateway.Headers {
		wanted[name] = m.Filled(value)
	}
	var match, out object.Map
	match.Set("path", e.path)
	match.Set("headers", headerMatches(wanted))
	if len(match) > 0 {
		out.Set("matches", object.List{match})
	}
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

func mirror(m *model.Model, e entry) object.Map {
	return object.Map{
		{Key: "type", Value: "RequestMirror"},
		{Key: "requestMirror", Value: object.Map{{Key: "backendRef", Value: backend(m, m.Canary, e)}}},
	}
}

// backends are the versions that get traffic, with their weights.
func backends(m *model.Model, e entry, stable, canary int) object.List {
	var out object.List
	for _, to := range []struct {
		version *model.Version
		weight  int
	}{{&m.Stable, stable}, {m.Canary, canary}} {
		if to.version == nil || to.version == m.Canary && m.Shadowed() {
			continue
		}
		out = append(out, append(backend(m, to.version, e), object.Field{Key: "weight", Value: to.weight}))
	}
	return out
}

// backend is the Service that KServe makes for what of a version answers.
func backend(m *model.Model, v *model.Version, e entry) object.Map {
	return object.Map{
		{Key: "group", Value: ""}, {Key: "kind", Value: kindService},
		{Key: "name", Value: m.VersionName(v) + "-" + e.component}, {Key: "port", Value: 80},
	}
}

// predictorName is KServe's name of the component that is the model.
const predictorName = "predictor"

// front is the component that requests reach: a transformer stands before the
// model.
func front(m *model.Model) string {
	if has(m, "transformer") {
		return "transformer"
	}
	return predictorName
}

// has tells whether a component stands around the model.
func has(m *model.Model, component string) bool {
	return slices.ContainsFunc(m.Components, func(c model.Component) bool { return c.Name == component })
}
