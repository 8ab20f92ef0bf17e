package v1alpha1

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// FieldError is one thing that is wrong with an object, by field path.
type FieldError struct {
	// Rule is unknown-field or invalid-field.
	Rule string
	// Path is dotted, with list indices in brackets: spec.trust[0].match.
	Path string
	// Message says what was found and what was expected; Fix what to do.
	Message, Fix string
}

func (e FieldError) Error() string { return e.Path + ": " + e.Message }

// Rules of FieldErrors.
const (
	RuleUnknownField = "unknown-field"
	RuleInvalidField = "invalid-field"
)

// Object is one of this package's kinds.
type Object interface {
	// Default fills what was left out.
	Default()
	// Validate reports every field that cannot be right, after defaulting.
	Validate() []FieldError
}

// Decode reads one YAML or JSON document into the object, strictly: an unknown
// field, a duplicate key or a value of another type is an error, by path. The
// object is defaulted and validated.
func Decode(data []byte, into Object) []FieldError {
	raw, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return []FieldError{{RuleInvalidField, "", strings.TrimSpace(err.Error()), "correct the YAML"}}
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return []FieldError{{RuleInvalidField, "", err.Error(), "correct the YAML"}}
	}
	if errs := unknownFields("", tree, reflect.TypeOf(into).Elem()); len(errs) > 0 {
		return errs
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return []FieldError{typeError(err)}
	}
	into.Default()
	return into.Validate()
}

func typeError(err error) FieldError {
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		fix := "write a value of that type"
		if te.Type.Kind() == reflect.String {
			fix = "quote the value"
		}
		return FieldError{RuleInvalidField, te.Field, fmt.Sprintf("want %s, found %s", typeName(te.Type), te.Value), fix}
	}
	return FieldError{RuleInvalidField, "", err.Error(), "correct the value"}
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a map"
	case reflect.Slice:
		return "a list"
	case reflect.Pointer:
		return typeName(t.Elem())
	default:
		return t.Kind().String()
	}
}

// unknownFields walks the decoded tree along the Go type. encoding/json alone
// would name a field without its path, stop at the first, and match names
// whatever their case.
func unknownFields(path string, v any, t reflect.Type) []FieldError {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var errs []FieldError
	switch v := v.(type) {
	case map[string]any:
		switch t.Kind() {
		case reflect.Struct:
			fields := jsonFields(t)
			for _, key := range sortedKeys(v) {
				at := join(path, key)
				ft, known := fields[key]
				if !known {
					errs = append(errs, unknownField(at, key, fields))
					continue
				}
				errs = append(errs, unknownFields(at, v[key], ft)...)
			}
		case reflect.Map:
			for _, key := range sortedKeys(v) {
				errs = append(errs, unknownFields(join(path, key), v[key], t.Elem())...)
			}
		}
	case []any:
		if t.Kind() == reflect.Slice {
			for i, item := range v {
				errs = append(errs, unknownFields(fmt.Sprintf("%s[%d]", path, i), item, t.Elem())...)
			}
		}
	}
	return errs
}

func unknownField(path, key string, fields map[string]reflect.Type) FieldError {
	known := sortedKeys(fields)
	e := FieldError{RuleUnknownField, path, fmt.Sprintf("unknown field %q", key), "remove it; known here: " + strings.Join(known, ", ")}
	if near := nearest(key, known); near != "" {
		e.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}

// jsonFields lists a struct's JSON names, inlined structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if opts == "inline" {
			for k, v := range jsonFields(f.Type) {
				fields[k] = v
			}
			continue
		}
		fields[name] = f.Type
	}
	return fields
}

// nearest is the known name a typo was probably meant to be, or "".
func nearest(name string, known []string) string {
	best, limit := "", max(2, len(name)/3)
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d <= limit {
			best, limit = k, d-1
		}
	}
	return best
}

// distance is the Levenshtein distance. Names are short; the length bound
// keeps a hostile key from costing more than a glance.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost++
			}
			previous = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
