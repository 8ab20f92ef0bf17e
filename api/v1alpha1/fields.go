package v1alpha1

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/modelfn/modelfn/internal/suggest"
)

// maxErrors bounds how many mistakes are reported at once: each costs a look
// for what was meant.
const maxErrors = 50

// walk follows the decoded tree along the Go type, and reports unknown fields
// and values of another type. encoding/json alone would stop at the first, name
// no list index, lose the path at a type with its own decoder, and match names
// whatever their case.
func (e *fieldErrors) walk(path string, v any, t reflect.Type) {
	if len(*e) >= maxErrors {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if own, ok := reflect.New(t).Interface().(json.Unmarshaler); ok {
		raw, err := json.Marshal(v)
		if err == nil {
			err = own.UnmarshalJSON(raw)
		}
		if err != nil {
			e.add(path, "correct the value", "%v", err)
		}
		return
	}
	if v == nil {
		return // null is a field left out
	}
	switch t.Kind() {
	case reflect.Struct:
		if m, ok := v.(map[string]any); ok {
			e.walkStruct(path, m, t)
			return
		}
	case reflect.Map:
		if m, ok := v.(map[string]any); ok {
			for _, key := range sortedKeys(m) {
				e.walk(join(path, key), m[key], fieldType(t, key))
			}
			return
		}
	case reflect.Slice:
		if list, ok := v.([]any); ok {
			for i, item := range list {
				e.walk(fmt.Sprintf("%s[%d]", path, i), item, t.Elem())
			}
			return
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			e.add(path, "quote the value", "want %s, found %s", typeName(t), valueName(v))
		}
		return
	default:
		if scalar(v, t) {
			return
		}
	}
	e.add(path, "write a value of that type", "want %s, found %s", typeName(t), valueName(v))
}

func (e *fieldErrors) walkStruct(path string, m map[string]any, t reflect.Type) {
	fields := jsonFields(t)
	for _, key := range sortedKeys(m) {
		if len(*e) >= maxErrors {
			return
		}
		at := join(path, key)
		if ft, known := fields[key]; known {
			e.walk(at, m[key], ft)
		} else {
			*e = append(*e, unknownField(at, key, fields, whyClosed(t, key)))
		}
	}
}

// scalar tells whether encoding/json takes the value for this type.
func scalar(v any, t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool:
		_, ok := v.(bool)
		return ok
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, ok := v.(json.Number)
		_, err := strconv.ParseInt(n.String(), 10, t.Bits())
		return ok && err == nil
	case reflect.Interface:
		return true
	default:
		return false
	}
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a map"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	default:
		return "a whole number"
	}
}

func valueName(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		return "text"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return "the number " + v.String()
	default:
		return "nothing"
	}
}

func unknownField(path, key string, fields map[string]reflect.Type, why reason) FieldError {
	known := sortedKeys(fields)
	e := FieldError{RuleUnknownField, path, fmt.Sprintf("unknown field %q", key), "remove it; known here: " + strings.Join(known, ", ")}
	near := suggest.Nearest(key, known)
	switch {
	case near != "" && !why.certain && (why.text == "" || suggest.Distance(key, near) < 3): // initContainers is no typo
		e.Fix = fmt.Sprintf("did you mean %q?", near)
	case why.text != "":
		e.Message = fmt.Sprintf("%q is not allowed: %s", key, why.text)
	}
	return e
}

// jsonFields lists a struct's JSON names, inlined structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for name, index := range fieldsOf(t) {
		fields[name] = t.FieldByIndex(index).Type
	}
	return fields
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
