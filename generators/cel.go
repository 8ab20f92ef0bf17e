package generators

import (
	"fmt"
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

// celValue is a CEL literal of a value that we emit.
func celValue(value any) string {
	switch v := value.(type) {
	case object.List:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = celValue(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case object.Map:
		fields := make([]string, len(v))
		for i, f := range v {
			fields[i] = celString(f.Key) + ": " + celValue(f.Value)
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case string:
		return celString(v)
	}
	panic(fmt.Sprintf("generators: no CEL literal of a %T", value)) // texts only are asked for
}
