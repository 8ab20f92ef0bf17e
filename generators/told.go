package generators

import (
	"slices"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// told are the fields of the model's container by which its server is told how to
// run: what the version passes through, and behind it the name to serve under. Of
// several values of a flag the last one counts.
func told(m *model.Model, v model.Version) object.Map {
	name := servedName(m, v)
	var out object.Map
	for _, field := range passthrough.Told() {
		said := object.FromAny(v.Spec.Predictor[field])
		if own, ok := name.Get(field).(object.List); ok {
			list, _ := said.(object.List)
			said = slices.Concat(list, own)
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
