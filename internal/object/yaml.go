package object

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// AppendYAML appends the value as a YAML block that every YAML 1.1 and 1.2
// decoder reads back as the same value: a string that any of them could take
// for something else is quoted.
func AppendYAML(dst []byte, m Map) []byte {
	return appendMap(dst, m, 0)
}

// AppendItem appends the value as an item of a sequence whose dashes stand in the
// first column.
func AppendItem(dst []byte, m Map) []byte { return appendList(dst, List{m}, 0) }

// YAML is the object as one YAML document without a separator.
func (o Object) YAML() []byte { return AppendYAML(nil, o.Tree()) }

const step = 2

func appendMap(dst []byte, m Map, indent int) []byte {
	for i, f := range m {
		// The first field of a list item stands behind its dash.
		if i > 0 || len(dst) == 0 || dst[len(dst)-1] == '\n' {
			dst = appendIndent(dst, indent)
		}
		dst = appendString(dst, f.Key)
		dst = append(dst, ':')
		switch v := f.Value.(type) {
		case Map:
			if len(v) == 0 {
				dst = append(dst, " {}\n"...)
				continue
			}
			dst = append(dst, '\n')
			dst = appendMap(dst, v, indent+step)
		case List:
			if len(v) == 0 {
				dst = append(dst, " []\n"...)
				continue
			}
			dst = append(dst, '\n')
			dst = appendList(dst, v, indent)
		default:
			dst = append(dst, ' ')
			dst = appendScalar(dst, v, indent)
			dst = append(dst, '\n')
		}
	}
	return dst
}

// appendList writes items at the indentation of their key ("compact"), as
// kustomize and kpt do.
func appendList(dst []byte, l List, indent int) []byte {
	for i, item := range l {
		// The first item of a list in a list stands behind its dash.
		if i > 0 || len(dst) == 0 || dst[len(dst)-1] == '\n' {
			dst = appendIndent(dst, indent)
		}
		dst = append(dst, "- "...)
		switch v := item.(type) {
		case Map:
			if len(v) == 0 {
				dst = append(dst, "{}\n"...)
				continue
			}
			dst = appendMap(dst, v, indent+step)
		case List:
			if len(v) == 0 {
				dst = append(dst, "[]\n"...)
				continue
			}
			dst = appendList(dst, v, indent+step)
		default:
			dst = appendScalar(dst, v, indent)
			dst = append(dst, '\n')
		}
	}
	return dst
}

func appendIndent(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

func appendScalar(dst []byte, value any, indent int) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		if literal(v) {
			return appendLiteral(dst, v, indent+step)
		}
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case json.Number:
		return appendNumber(dst, v)
	default:
		// A generator is wrong, not the input: there is no such value.
		panic(fmt.Sprintf("object: cannot write %T", value))
	}
}

// appendNumber spells a number without an exponent: YAML 1.1 reads "1e3" as a
// string.
func appendNumber(dst []byte, n json.Number) []byte {
	if !strings.ContainsAny(n.String(), "eE") {
		return append(dst, n.String()...)
	}
	f, err := n.Float64()
	if err != nil {
		return appendQuoted(dst, n.String())
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// literal tells whether s reads best, and safely, as a literal block: several
// lines of printable ASCII, none with outer space, ending in at most one
// newline.
func literal(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if !strings.Contains(body, "\n") || strings.HasSuffix(body, "\n") || strings.HasSuffix(body, " ") || s[0] == ' ' || s[0] == '\n' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '\n' && (c < 0x20 || c > 0x7e) || c == '\n' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

func appendLiteral(dst []byte, s string, indent int) []byte {
	body, ended := strings.CutSuffix(s, "\n")
	dst = append(dst, '|')
	if !ended {
		dst = append(dst, '-')
	}
	for line := range strings.SplitSeq(body, "\n") {
		dst = append(dst, '\n')
		if line != "" {
			dst = appendIndent(dst, indent)
			dst = append(dst, line...)
		}
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	if isPlain(s) {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

// isPlain tells whether s can stand unquoted. It is stricter than YAML: a
// string is quoted unless it starts with a letter or '/', holds only characters
// that never mean anything, and is no word or number of any YAML version.
func isPlain(s string) bool {
	if s == "" || len(s) > 512 {
		return false
	}
	c := s[0]
	if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '/' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '/', c == '@', c == '+', c == '=':
		case c == ':' && i+1 < len(s) && s[i+1] != ' ':
			// "a:b" is a plain scalar in block context; "a: b" is a mapping.
		default:
			return false
		}
	}
	return !isWord(s)
}

// isWord tells whether some YAML version takes the text for something else than text.
func isWord(s string) bool {
	if len(s) > len("false") {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return true
	}
	return false
}

// appendQuoted writes a double-quoted scalar in JSON's spelling, which YAML
// 1.1 and 1.2 read alike. Characters YAML 1.1 takes for line breaks, and what
// is not ASCII, are escaped.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r >= 0x20 && r < 0x7f:
			dst = append(dst, byte(r))
		case r < 0x10000:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = fmt.Appendf(dst, `\U%08x`, r)
		}
	}
	return append(dst, '"')
}

// plain turns the value into what encoding/json writes.
func plain(value any) any {
	switch v := value.(type) {
	case Map:
		out := make(map[string]any, len(v))
		for _, f := range v {
			out[f.Key] = plain(f.Value)
		}
		return out
	case List:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	default:
		return v
	}
}

// JSON is the object as canonical JSON: keys sorted, no space. The final gate
// compares objects in this form.
func (o Object) JSON() ([]byte, error) { return json.Marshal(plain(o.Tree())) }

func sorted(keys iter.Seq[string]) []string { return slices.Sorted(keys) }
