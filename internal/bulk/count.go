package bulk

import "fmt"

// counter goes over a text byte by byte. It knows no quotes, comments and blocks of
// text: whoever could make it believe in one could hide values there.
type counter struct {
	Total
	// line is from 1, start where it begins, depth of brackets.
	line, start, depth int
	// blank: there was nothing but space in the line.
	blank bool
}

// special are the bytes that end a line or make a value, and what begins those of
// several bytes that do.
var special = func() (out [256]bool) {
	for _, b := range []byte("\n\r,[]{}:?-\xc2\xe2") {
		out[b] = true
	}
	return out
}()

func (c *counter) count(raw []byte) error {
	c.line, c.blank = 1, true
	c.documents++
	for i, b := range raw {
		if !special[b] && (!c.blank || b == ' ' || b == '\t') {
			continue
		}
		if width := lineEnd(raw[i:]); width > 0 {
			c.line, c.start, c.blank = c.line+1, i+width, true
			continue
		}
		if c.blank {
			c.blank = false
			if err := c.begin(raw, i); err != nil {
				return err
			}
		}
		if special[b] {
			c.value(raw, i)
		}
		if c.depth > maxDepth {
			return c.tooMuch(maxDepth, "levels of nesting")
		}
		if err := c.excess(); err != nil {
			return fmt.Errorf("line %d: %w", c.line, err)
		}
	}
	return nil
}

func (c *counter) tooMuch(most int, of string) error {
	return fmt.Errorf("line %d: more than %d %s", c.line, most, of)
}

// begin is at the first character of a line.
func (c *counter) begin(raw []byte, i int) error {
	if i == c.start && isMarker(raw[i:]) {
		c.documents++
	}
	if raw[i] != '#' {
		c.values++
	}
	// Each "- " of "- - - x" is a level, as each space may be.
	for i+1 < len(raw) && i-c.start <= maxDepth && (raw[i] == '-' || raw[i] == '?' || raw[i] == ':') && isSpace(raw[i+1]) {
		for i++; i < len(raw) && isSpace(raw[i]); i++ {
		}
	}
	if i-c.start > maxDepth {
		return c.tooMuch(maxDepth, "columns before the text")
	}
	return nil
}

// value counts what makes one, or may.
func (c *counter) value(raw []byte, i int) {
	next := byte(' ')
	if i+1 < len(raw) {
		next = raw[i+1]
	}
	switch raw[i] {
	case '[', '{':
		c.values++
		c.depth++
	case ']', '}':
		c.depth = max(0, c.depth-1)
	case ',':
		c.values++
	case '?', '-':
		if !isPlain(next) {
			c.values++
		}
	case ':':
		// After what closes, the value may stand close.
		if !isPlain(next) || i > 0 && !isPlain(raw[i-1]) {
			c.values++
		}
	}
}

// lineEnd is how many bytes end a line here, if any do. YAML 1.1 knows five ways.
func lineEnd(raw []byte) int {
	at := func(i int) byte {
		if i < len(raw) {
			return raw[i]
		}
		return 0
	}
	switch {
	case raw[0] == '\n', raw[0] == '\r' && at(1) != '\n':
		return 1
	case raw[0] == 0xc2 && at(1) == 0x85:
		return 2
	case raw[0] == 0xe2 && at(1) == 0x80 && (at(2) == 0xa8 || at(2) == 0xa9):
		return 3
	}
	return 0
}

// isMarker tells whether a line begins or ends a document.
func isMarker(line []byte) bool {
	if len(line) < 3 || line[0] != line[1] || line[0] != line[2] || line[0] != '-' && line[0] != '.' {
		return false
	}
	return len(line) == 3 || !isPlain(line[3])
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' }

// isPlain tells whether a byte can go on a word.
func isPlain(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b == '-' || b == '.' || b == '/' || b == '@' || b == '+' || b == '%' || b == '='
}
