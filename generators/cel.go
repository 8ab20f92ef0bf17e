package generators

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/modelfn/modelfn/internal/object"
)

// celString is the one way a value gets into a CEL expression: as a string
// literal that holds exactly it. Everything beyond printable ASCII is escaped.
func celString(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// celMatches is the condition that a regular expression (RE2) matches. What of it
// is not written here comes through literally.
func celMatches(subject, expression string) string {
	return subject + ".matches(" + celString(expression) + ")"
}

// literally is the one way a value gets into a regular expression: it matches
// exactly one of the texts.
func literally(texts ...string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = regexp.QuoteMeta(t)
	}
	return "(" + strings.Join(quoted, "|") + ")"
}

// celList is a CEL list of string literals.
func celList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = celString(v)
	}
	if len(strings.Join(quoted, ", ")) < 100 {
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return "[\n" + strings.Join(quoted, ",\n") + "]"
}

// celValue is a CEL literal of a value that we emit. Kubernetes' CEL wants all
// values of a literal to be of one type, so those of mixed ones are made dynamic.
func celValue(value any) string {
	switch v := value.(type) {
	case object.List:
		items := make([]string, len(v))
		mix := mixed(v)
		for i, item := range v {
			items[i] = celItem(item, mix)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case object.Map:
		values := make(object.List, len(v))
		for i, f := range v {
			values[i] = f.Value
		}
		fields := make([]string, len(v))
		mix := mixed(values)
		for i, f := range v {
			fields[i] = celString(f.Key) + ": " + celItem(f.Value, mix)
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case string:
		return celString(v)
	case int:
		return strconv.Itoa(v)
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return v.String()
		}
	}
	panic(fmt.Sprintf("generators: no CEL literal of a %T", value)) // nothing else is asked for
}

func celItem(value any, mix bool) string {
	if mix {
		return "dyn(" + celValue(value) + ")"
	}
	return celValue(value)
}

// mixed tells whether CEL takes the values for several types. What is empty is of
// any type of its kind.
func mixed(values object.List) bool {
	var types []string
	for _, v := range values {
		types = append(types, celType(v))
	}
	slices.Sort(types)
	types = slices.Compact(types)
	if len(types) == 2 && strings.HasPrefix(types[1], types[0]) {
		return false // list and list(string)
	}
	return len(types) > 1
}

// celType is the type of a literal, as CEL would infer it.
func celType(value any) string {
	kind, values := "map", object.List{}
	switch v := value.(type) {
	case object.List:
		kind, values = "list", v
	case object.Map:
		for _, f := range v {
			values = append(values, f.Value)
		}
	case string:
		return "string"
	default:
		return "int"
	}
	switch {
	case len(values) == 0:
		return kind
	case mixed(values):
		return kind + "(dyn)"
	default:
		return kind + "(" + celType(values[0]) + ")"
	}
}
