package bulk

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Text refuses what is no UTF-8 text, by its line: YAML that is UTF-16 is read by a
// parser and by nothing that looks at bytes before.
func Text(raw []byte) error {
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return fmt.Errorf("it is UTF-16, want UTF-8")
	}
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return fmt.Errorf("line %d: a NUL, want text", lineAt(raw, i))
	}
	if utf8.Valid(raw) {
		return nil
	}
	for i := 0; i < len(raw); {
		r, width := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && width == 1 {
			return fmt.Errorf("line %d: the byte %#x is no UTF-8", lineAt(raw, i), raw[i])
		}
		i += width
	}
	return nil
}

func lineAt(raw []byte, i int) int { return 1 + bytes.Count(raw[:i], []byte("\n")) }
