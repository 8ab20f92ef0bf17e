package object

import (
	"encoding/json"
	"strings"
)

// Read reads a YAML document that is written as nearly all are: block mappings and
// sequences of plain or quoted texts, literal blocks, small whole numbers, true and
// false, flow collections on one line, and comments, all of it printable ASCII. What it reads
// is what every YAML 1.1 and 1.2 decoder reads. Of anything else, broken YAML
// included, it says that it cannot tell: a decoder of the whole language then has
// to, which takes ten times as long.
func Read(document []byte) (Map, bool) {
	for _, c := range document {
		if c != '\n' && (c < 0x20 || c > 0x7e) {
			return nil, false
		}
	}
	r := reader{rest: string(document)}
	r.next()
	if r.line == "---" && r.indent == 0 {
		r.next()
	}
	if r.ended || r.indent != 0 {
		return nil, false
	}
	m, ok := r.mapping(0)
	return m, ok && r.ended
}

// Bounds on what Read reads: how deep collections are nested, and how many fields a
// mapping has, each of which is compared with those before.
const (
	mostNested = 32
	mostFields = 256
)

// reader stands at a line that says something: not blank, and no comment.
type reader struct {
	rest string
	// line is without its indentation, of so many spaces, and what ends it.
	line   string
	indent int
	ended  bool
	depth  int
}

// next goes to the next line.
func (r *reader) next() {
	for r.rest != "" {
		var line string
		line, r.rest, _ = strings.Cut(r.rest, "\n")
		text := strings.TrimLeft(line, " ")
		if text == "" || text[0] == '#' {
			continue
		}
		r.line, r.indent = strings.TrimRight(text, " "), len(line)-len(text)
		return
	}
	r.line, r.indent, r.ended = "", -1, true
}

// atItem tells whether the line begins an item of a sequence.
func (r *reader) atItem() bool { return strings.HasPrefix(r.line, "- ") }

// mapping reads the fields that stand at an indentation.
func (r *reader) mapping(indent int) (Map, bool) {
	if r.depth++; r.depth > mostNested {
		return nil, false
	}
	defer func() { r.depth-- }()
	var m Map
	for r.indent == indent && !r.atItem() {
		key, rest, ok := cutKey(r.line)
		if !ok || m.has(key) || len(m) == mostFields {
			return nil, false
		}
		var value any
		if rest == "" || rest[0] == '#' {
			r.next()
			value, ok = r.below(indent)
		} else if rest == "|" || rest == "|-" {
			value, ok = r.literal(indent, rest == "|")
		} else if value, ok = scalar(rest); ok {
			r.next()
			// A line that is indented more goes on with the text.
			ok = r.indent <= indent
		}
		if !ok {
			return nil, false
		}
		m = append(m, Field{key, value})
	}
	return m, r.indent < indent
}

// literal reads a block of text under a field at the indentation, line for line, and
// goes on behind it.
func (r *reader) literal(indent int, ended bool) (any, bool) {
	var text strings.Builder
	block, blank := 0, 0
	for r.rest != "" {
		line, rest, whole := strings.Cut(r.rest, "\n")
		said := strings.TrimLeft(line, " ")
		at := len(line) - len(said)
		switch {
		case line == "":
			blank++
			r.rest = rest
			continue
		case said == "" || block == 0 && blank > 0 || !whole:
			return nil, false // whether these breaks are of the text, some rule says
		case block == 0:
			block = at
		}
		if at < block || at <= indent {
			break
		}
		if text.Len() > 0 {
			text.WriteString(strings.Repeat("\n", blank+1))
		}
		text.WriteString(line[block:])
		blank, r.rest = 0, rest
	}
	r.next()
	if ended {
		text.WriteByte('\n')
	}
	return text.String(), text.Len() > 1 && r.indent <= indent
}

// below reads the collection under a field at the indentation; a sequence may stand
// at the same.
func (r *reader) below(indent int) (any, bool) {
	switch {
	case r.indent >= indent && r.atItem():
		return r.sequence(r.indent)
	case r.indent > indent:
		return r.mapping(r.indent)
	}
	return nil, false // null, which some readers leave out
}

// sequence reads the items at an indentation.
func (r *reader) sequence(indent int) (List, bool) {
	if r.depth++; r.depth > mostNested {
		return nil, false
	}
	defer func() { r.depth-- }()
	var l List
	for r.indent == indent && r.atItem() {
		text := strings.TrimLeft(r.line[1:], " ")
		var item any
		var ok bool
		if _, _, field := cutKey(text); field {
			// The first field of the item stands behind its dash.
			r.indent += len(r.line) - len(text)
			r.line = text
			item, ok = r.mapping(r.indent)
		} else if item, ok = scalar(text); ok {
			r.next()
			ok = r.indent <= indent
		}
		if !ok {
			return nil, false
		}
		l = append(l, item)
	}
	return l, r.indent <= indent
}

func (m Map) has(key string) bool {
	for _, f := range m {
		if f.Key == key {
			return true
		}
	}
	return false
}

// longestKey is well below the 1024 characters after which YAML sees no key.
const longestKey = 256

// cutKey cuts a field's name, which means nothing but itself, off a line.
func cutKey(line string) (key, rest string, ok bool) {
	i := 0
	for i < len(line) && i <= longestKey && isKeyCharacter(line[i]) {
		i++
	}
	if i == 0 || i > longestKey || i >= len(line) || line[i] != ':' || i+1 < len(line) && line[i+1] != ' ' || !isText(line[:i]) {
		return "", "", false
	}
	return line[:i], strings.TrimLeft(line[i+1:], " "), true
}

func isKeyCharacter(c byte) bool {
	return isAlphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '/'
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isText tells whether what stands unquoted is a text: it begins as no number does,
// or goes on behind its digits as none does (4Gi, 1h), and is no word of any YAML
// version.
func isText(s string) bool {
	letter := strings.TrimLeft(s, "0123456789")
	if letter == "" || !isAlphanumeric(letter[0]) && s[0] != '/' {
		return false
	}
	if len(letter) < len(s) {
		return strings.IndexByte("eExXoObB", letter[0]) < 0
	}
	return !isWord(s)
}

// scalar reads the value that stands on a line, to its end.
func scalar(text string) (any, bool) {
	var value any
	var rest string
	var ok bool
	switch text[0] {
	case '"', '\'':
		value, rest, ok = cutQuoted(text)
	case '{', '[':
		value, rest, ok = cutFlow(text, 0)
	default:
		value, rest, ok = cutPlain(text, false)
	}
	if !ok {
		return nil, false
	}
	// Behind a space a comment may follow.
	behind := strings.TrimLeft(rest, " ")
	return value, behind == "" || behind[0] == '#' && len(behind) < len(rest)
}

// cutQuoted cuts a quoted text off.
func cutQuoted(text string) (value, rest string, ok bool) {
	quote := text[0]
	if end := strings.IndexByte(text[1:], quote) + 1; end > 0 && (quote == '\'' || strings.IndexByte(text[:end], '\\') < 0) {
		rest = text[end+1:]
		return text[1:end], rest, rest == "" || rest[0] != quote
	}
	if quote == '\'' {
		return "", "", false
	}
	return cutEscaped(text[1:])
}

// cutEscaped cuts a text off that ends at a quotation mark, with the escapes that a PEM
// or a text in a text has.
func cutEscaped(text string) (value, rest string, ok bool) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return out.String(), text[i+1:], i+1 == len(text) || text[i+1] != '"'
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
			switch text[i] {
			case 'n':
				out.WriteByte('\n')
			case '"', '\\':
				out.WriteByte(text[i])
			default:
				return "", "", false
			}
		default:
			out.WriteByte(c)
		}
	}
	return "", "", false
}

// cutPlain cuts what is not quoted off.
func cutPlain(text string, flow bool) (value any, rest string, ok bool) {
	i, end := 0, 0 // end is behind the last that is no space
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case isAlphanumeric(c), c == '-', c == '_', c == '.', c == '/', c == '@', c == '+', c == '=', c == '*':
			end = i + 1
			continue
		case c == ' ':
			continue
		case !flow && (c == ',' || c == '(' || c == ')'), c == ':' && i+1 < len(text) && (isAlphanumeric(text[i+1]) || text[i+1] == '/'):
			end = i + 1
			continue
		case !flow && c == '#' && end < i, flow && (c == ',' || c == '}' || c == ']'):
		default:
			return nil, "", false
		}
		break
	}
	if end == 0 {
		return nil, "", false
	}
	value, ok = Plain(text[:end])
	return value, text[end:], ok
}

// Plain is what a scalar means that stands unquoted, where no decoder takes it for
// anything else.
func Plain(text string) (any, bool) {
	switch {
	case text == "":
		return nil, false
	case text == "true", text == "false":
		return text == "true", true
	case isText(text):
		return text, true
	case isWhole(text):
		return json.Number(text), true
	}
	return nil, false
}

// isWhole tells whether it is a whole number that every reader takes for the same,
// also one that keeps numbers as floating point.
func isWhole(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 15 || digits[0] == '0' && s != "0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// cutFlowKey cuts a field's name off in a collection in braces, where it may be quoted.
func cutFlowKey(text string) (key, rest string, ok bool) {
	if text[0] != '"' {
		return cutKey(text)
	}
	key, rest, ok = cutQuoted(text)
	rest, colon := strings.CutPrefix(rest, ":")
	// What begins with an exclamation mark or the like is no name like others.
	return key, strings.TrimLeft(rest, " "), ok && colon && key != "" && len(key) <= longestKey && isText(key)
}

// cutFlow cuts a collection in braces or brackets off.
func cutFlow(text string, depth int) (value any, rest string, ok bool) {
	if depth > mostNested {
		return nil, "", false
	}
	closing, isMap := byte(']'), text[0] == '{'
	if isMap {
		closing = '}'
	}
	m, l := Map{}, List{}
	rest = strings.TrimLeft(text[1:], " ")
	for first := true; ; first = false {
		if rest == "" {
			return nil, "", false
		}
		if first && rest[0] == closing {
			break
		}
		key := ""
		if isMap {
			if key, rest, ok = cutFlowKey(rest); !ok || rest == "" || m.has(key) || len(m) == mostFields {
				return nil, "", false
			}
		}
		var item any
		switch rest[0] {
		case '"', '\'':
			item, rest, ok = cutQuoted(rest)
		case '{', '[':
			item, rest, ok = cutFlow(rest, depth+1)
		default:
			item, rest, ok = cutPlain(rest, true)
		}
		if rest = strings.TrimLeft(rest, " "); !ok || rest == "" {
			return nil, "", false
		}
		if isMap {
			m = append(m, Field{key, item})
		} else {
			l = append(l, item)
		}
		if rest[0] == closing {
			break
		}
		if rest[0] != ',' {
			return nil, "", false
		}
		rest = strings.TrimLeft(rest[1:], " ")
	}
	if isMap {
		return m, rest[1:], true
	}
	return l, rest[1:], true
}
