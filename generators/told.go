package generators

import (
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// told are the fields of the model's container by which its server is told how to
// run: what the version passes through, and behind it the name to serve under. Of
// several values of a flag the last one counts.
func told(m *model.Model, v *model.Version) object.Map {
	own := servedName(m, v)
	if kserve.AsksHub(v.Runtime()) {
		env, _ := own.Get("env").(object.List)
		own.Set("env", slices.Concat(env, offline))
	}
	return with(v.Spec.Predictor, own)
}

// offline: weights, and adapters with them, are there before the server starts, so
// it has nothing to ask the hub for. It must not, or it would load what nobody
// verified.
var offline = object.List{object.Map{{Key: "name", Value: "HF_HUB_OFFLINE"}, {Key: "value", Value: "1"}}}

// with is what a version passes through, and our own arguments and environment
// behind it.
func with(p v1alpha1.Predictor, own object.Map) object.Map {
	var out object.Map
	for _, field := range passthrough.Told() {
		said := object.FromAny(p[field])
		if list, ok := own.Get(field).(object.List); ok {
			before, _ := said.(object.List)
			said = slices.Concat(before, list)
		}
		out.Set(field, said)
	}
	return out
}

// passes tells whether a version is told more than its name.
func passes(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool {
		return slices.ContainsFunc(passthrough.Told(), func(field string) bool { return v.Spec.Predictor[field] != nil })
	})
}
