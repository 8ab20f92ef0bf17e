package finding

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Neutralise makes text from a repository or registry safe to print: control
// characters, line separators and what nobody sees (it changes the direction of
// text, or hides in a word) are escaped, and nothing in it is a CI command ("::error", "##vso["), which some
// systems look for anywhere in a line.
func Neutralise(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200b', r == 0x2028, r == 0x2029, r == 0xfffd:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == last && (r == ':' || r == '#'):
			b.WriteRune('\u200b')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// mostText of a message is more than anybody reads, or a host shows.
const mostText = 2000

// Brief is a text that is not too long to be printed: a parser has a line for each of
// a hundred thousand mistakes.
func Brief(s string) string {
	if len(s) <= mostText {
		return s
	}
	return fmt.Sprintf("%s ... (%d more bytes)", strings.ToValidUTF8(s[:mostText], ""), len(s)-mostText)
}

// NeutraliseJSON does the same to encoded JSON, by escapes that its readers undo:
// programs read the values as they are.
func NeutraliseJSON(raw []byte) []byte {
	var b strings.Builder
	var last rune
	for _, r := range string(raw) {
		switch {
		case unicode.Is(unicode.Cf, r), r == 0x7f, r == 0x85, r == 0x2028, r == 0x2029:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		case r == last && (r == ':' || r == '#'):
			// Both are there within texts only.
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return []byte(b.String())
}
