package fn_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// tree is an object, or a part of one, as YAML has it.
type tree map[string]any

// documents are the objects of a stream.
func documents(t *testing.T, stream string) []tree {
	t.Helper()
	var out []tree
	for document := range strings.SplitSeq(stream, "---\n") {
		var o tree
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// at is what stands under a path, or nil.
func (o tree) at(path ...string) any {
	var value any = map[string]any(o)
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

func (o tree) text(path ...string) string {
	s, _ := o.at(path...).(string)
	return s
}

// list is a list of objects.
func (o tree) list(path ...string) []tree {
	var out []tree
	all, _ := o.at(path...).([]any)
	for _, one := range all {
		m, _ := one.(map[string]any)
		out = append(out, m)
	}
	return out
}

func (o tree) name() string { return o.text("metadata", "name") }

func ofKind(objects []tree, kind string) []tree {
	return slices.DeleteFunc(slices.Clone(objects), func(o tree) bool { return o["kind"] != kind })
}

// only is the one object of a kind.
func only(t *testing.T, objects []tree, kind string) tree {
	t.Helper()
	found := ofKind(objects, kind)
	if len(found) != 1 {
		t.Fatalf("%d objects of kind %s", len(found), kind)
	}
	return found[0]
}

// each calls with every value in an object, and the key that it stands under.
func each(path string, value any, call func(path, key string, value any)) {
	call(path, path[strings.LastIndexByte(path, '.')+1:], value)
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			each(path+"."+key, value[key], call)
		}
	case []any:
		for _, one := range value {
			each(path, one, call)
		}
	}
}
