package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// entry is a way in: the requests that have a path, what becomes of the path, and
// the component of a version that answers them.
type entry struct {
	path      object.Map
	filters   object.List
	component string
}

// entries: what asks for an explanation goes to the explainer, everything else to
// the front. By gRPC there are no paths: every method goes to the front.
func entries(m *model.Model) []entry {
	if m.GRPC() {
		return []entry{{component: front(m)}}
	}
	rest := entry{path: path("PathPrefix", "/"), component: front(m)}
	prefix := m.Filled(m.Platform.Spec.Serving.Gateway.PathPrefix)
	if prefix != "" {
		rest.path = path("PathPrefix", prefix)
		rest.filters = object.List{rewrite("ReplacePrefixMatch", "replacePrefixMatch", "/")}
	}
	if !has(m, "explainer") {
		return []entry{rest}
	}
	// KServe's own route has `^/v1/models/[\w-]+:explain$` here. The one name that
	// is served is known, and every gateway has to know an exact path, which goes
	// before a prefix, and can be cut.
	explain := "/v1/models/" + m.Deployment.Metadata.Name + ":explain"
	first := entry{path: path("Exact", prefix+explain), component: "explainer"}
	if prefix != "" {
		first.filters = object.List{rewrite("ReplaceFullPath", "replaceFullPath", explain)}
	}
	return []entry{first, rest}
}

func path(kind, value string) object.Map {
	return object.Map{{Key: "type", Value: kind}, {Key: "value", Value: value}}
}

// rewrite cuts the platform's prefix off: servers answer at /v1 and /v2.
func rewrite(kind, field, value string) object.Map {
	return object.Map{
		{Key: "type", Value: "URLRewrite"},
		{Key: "urlRewrite", Value: object.Map{{Key: "path", Value: object.Map{
			{Key: "type", Value: kind}, {Key: field, Value: value},
		}}}},
	}
}
