package host

import (
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// patched is what was generated, with those fields of the tree that the platform
// leaves to patches. What KServe would execute is left to nobody.
func patched(generated, tree map[string]any, allowed []v1alpha1.PatchedFields) map[string]any {
	kind := parseIdentity(generated).kind
	for _, p := range allowed {
		if p.Kind != kind || parseIdentity(tree).kind != kind {
			continue
		}
		for _, field := range p.Fields {
			generated = carried(generated, tree, field)
		}
	}
	return generated
}

// carried is a copy with the field of another tree, or without it where that has
// none. A key may have dots in it.
func carried(to, from map[string]any, field string) map[string]any {
	out := maps.Clone(to)
	if out == nil {
		out = map[string]any{}
	}
	for _, key := range slices.Sorted(maps.Keys(merge(to, from))) {
		value, there := from[key]
		rest, below := strings.CutPrefix(field, key+".")
		switch {
		case key == field && !there:
			delete(out, key)
		case key == field:
			if inertBelow(value) {
				out[key] = value
			}
		case below:
			a, isMap := to[key].(map[string]any)
			b, _ := value.(map[string]any)
			if _, had := to[key]; had && !isMap {
				continue
			}
			if inner := carried(a, b, rest); len(inner) > 0 || isMap && len(a) == 0 {
				out[key] = inner
			} else {
				delete(out, key)
			}
		}
	}
	return out
}

// inertBelow tells whether KServe leaves all of a value as it is, names of fields
// included: it executes the container that resources stand in as one text.
func inertBelow(value any) bool {
	switch v := value.(type) {
	case string:
		return inert(v)
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !inertBelow(item) })
	case map[string]any:
		for key, item := range v {
			if !inert(key) || !inertBelow(item) {
				return false
			}
		}
	}
	return true
}
