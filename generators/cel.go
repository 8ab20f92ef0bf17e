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
	text, _ := celLiteral(value)
	return text
}

// celLiteral is the literal and its type, as CEL would infer it.
func celLiteral(value any) (text, kind string) {
	switch v := value.(type) {
	case object.List:
		texts, of := celItems(v)
		return "[" + strings.Join(texts, ", ") + "]", "list" + of
	case object.Map:
		values := make(object.List, len(v))
		for i, f := range v {
			values[i] = f.Value
		}
		texts, of := celItems(values)
		for i, f := range v {
			texts[i] = celString(f.Key) + ": " + texts[i]
		}
		return "{" + strings.Join(texts, ", ") + "}", "map" + of
	case string:
		return celString(v), "string"
	case int:
		return strconv.Itoa(v), "int"
	case bool:
		return strconv.FormatBool(v), "bool"
	case nil:
		return "null", "null"
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return v.String(), "int"
		}
		if f, err := v.Float64(); err == nil {
			return "double(" + celString(strconv.FormatFloat(f, 'g', -1, 64)) + ")", "double"
		}
	}
	panic(fmt.Sprintf("generators: no CEL literal of a %T", value)) // nothing else is asked for
}

// celItems are the literals of values and, in brackets, the one type that they have;
// of none, nothing.
func celItems(values object.List) (texts []string, of string) {
	texts = make([]string, len(values))
	types := make([]string, len(values))
	for i, v := range values {
		texts[i], types[i] = celLiteral(v)
	}
	slices.Sort(types)
	types = slices.Compact(types)
	// What is empty is of any type of its kind: list and list(string).
	if len(types) == 2 && (types[0] == "list" || types[0] == "map") && strings.HasPrefix(types[1], types[0]+"(") {
		types = types[1:]
	}
	switch len(types) {
	case 0:
		return texts, ""
	case 1:
		return texts, "(" + types[0] + ")"
	}
	for i, text := range texts {
		texts[i] = "dyn(" + text + ")"
	}
	return texts, "(dyn)"
}
