// Package object holds what generators make: small ordered objects with just
// the fields modelfn emits, in their order, and the one writer that turns them
// into YAML.
package object

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Map is an ordered mapping. Values are string, int, int64, bool, json.Number,
// Map or List; an item of a List may be nil.
type Map []Field

// Field is one key of a Map.
type Field struct {
	Key   string
	Value any
}

// List is a sequence; its items are values as in Map.
type List []any

// Set appends the field unless the value is empty (nil, "", an empty Map or
// List): modelfn emits no empty collections, since the API server drops some
// of them and Argo CD would show the difference for ever.
func (m *Map) Set(key string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case Map:
		if len(v) == 0 {
			return
		}
	case List:
		if len(v) == 0 {
			return
		}
	}
	*m = append(*m, Field{key, value})
}

// Get is the value under key, or nil.
func (m Map) Get(key string) any {
	for _, f := range m {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// With is the map with fields behind those of the map at the path below it, which
// is made where there is none.
func (m Map) With(fields Map, path ...string) Map {
	if len(path) == 0 {
		return append(slices.Clip(m), fields...)
	}
	out := slices.Clone(m)
	for i, f := range out {
		if f.Key == path[0] {
			below, _ := f.Value.(Map)
			out[i].Value = below.With(fields, path[1:]...)
			return out
		}
	}
	return append(out, Field{path[0], Map(nil).With(fields, path[1:]...)})
}

// Any is the map as encoding/json reads it: maps, slices, texts, float64, bool, nil.
func (m Map) Any() map[string]any {
	out := make(map[string]any, len(m))
	for _, f := range m {
		out[f.Key] = anyOf(f.Value)
	}
	return out
}

func anyOf(value any) any {
	switch v := value.(type) {
	case Map:
		return v.Any()
	case List:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = anyOf(item)
		}
		return out
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			panic(fmt.Sprintf("object: %q is no number", v)) // as for AppendYAML
		}
		return f
	default:
		return v
	}
}

// Strings is a Map of a string map, sorted by key.
func Strings[V ~string](values map[string]V) Map {
	out := make(Map, 0, len(values))
	for _, k := range sorted(maps.Keys(values)) {
		out = append(out, Field{k, string(values[k])})
	}
	return out
}

// FromAny is a decoded JSON value as a value of this package, mappings sorted by
// key. A field that is null is left out, as the API server would.
func FromAny(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(Map, 0, len(v))
		for _, k := range sorted(maps.Keys(v)) {
			if v[k] != nil {
				out = append(out, Field{k, FromAny(v[k])})
			}
		}
		return out
	case float64:
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // JSON has no other numbers
		}
		return json.Number(raw)
	case []any:
		out := make(List, len(v))
		for i, item := range v {
			out[i] = FromAny(item)
		}
		return out
	default:
		return v
	}
}

// Object is one Kubernetes object to emit.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Labels, Annotations               map[string]string
	// Body holds the fields beside metadata, spec usually.
	Body Map
}

// Tree is the whole object as one Map.
func (o Object) Tree() Map {
	var meta Map
	meta.Set("name", o.Name)
	meta.Set("namespace", o.Namespace)
	meta.Set("labels", Strings(o.Labels))
	meta.Set("annotations", Strings(o.Annotations))
	return append(Map{{"apiVersion", o.APIVersion}, {"kind", o.Kind}, {"metadata", meta}}, o.Body...)
}
