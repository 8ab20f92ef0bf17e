package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// hostile is a text in place of a file, or of what a host hands over.
type hostile struct {
	// input says what it is, for docs/robustness.md.
	input string
	text  func() []byte
	// refused is what the error says of the file; "" if the file is read as it is.
	refused string
	// everywhere: not only as a file of a plain directory.
	everywhere bool
}

const (
	large = 5 << 20
	// object is a manifest up to where its data begins.
	object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: "
	block  = object + "\n"
)

func text(parts ...string) func() []byte {
	return func() []byte { return []byte(strings.Join(parts, "")) }
}

// filled is the unit as often as it fits into 5 MB.
func filled(before, unit, after string) func() []byte {
	return func() []byte { return []byte(before + strings.Repeat(unit, large/len(unit)) + after) }
}

// each is a line for each number.
func each(before, format string, n int) func() []byte {
	return func() []byte {
		out := bytes.NewBufferString(before)
		for i := range n {
			fmt.Fprintf(out, format, i)
		}
		return out.Bytes()
	}
}

// laughs is a list of lists of lists, nine each, by aliases.
func laughs(format, alias string) func() []byte {
	return func() []byte {
		out := bytes.NewBufferString(block + "  a0: &a0 {k: v}\n")
		for i := range 9 {
			of := strings.TrimSuffix(strings.Repeat(fmt.Sprintf(alias, i)+",", 9), ",")
			fmt.Fprintf(out, "  a%d: &a%d "+format+"\n", i+1, i+1, of)
		}
		return out.Bytes()
	}
}

func noise() []byte {
	out := make([]byte, large)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func wide(text string, high int) []byte {
	out := []byte{0xff, 0xfe}
	if high == 1 {
		out = []byte{0xfe, 0xff}
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(unit), byte(unit >> 8)}
		out = append(out, pair[high], pair[1-high])
	}
	return out
}

var (
	tooMany = "too many values"
	tooDeep = "more than 1000 levels of nesting"
	indents = "more than 1000 columns before the text"
)

var hostileTexts = []hostile{
	{"a billion laughs: lists of aliases of lists of aliases", laughs("[%s]", "*a%d"), "excessive aliasing", true},
	{"a billion laughs of merge keys", laughs("{<<: [%s]}", "*a%d"), "excessive aliasing", false},
	{"an anchor in itself", text(object, "&a {b: *a}\n"), "contains itself", true},
	{"an anchor in itself, in a list", text(object, "&a [*a]\n"), "contains itself", false},
	{"a text of 1 MB, and 5,000 aliases of it", func() []byte {
		return []byte(object + "{a: &a " + strings.Repeat("x", 1<<20) + ", b: [" + strings.Repeat("*a,", 5000) + "]}\n")
	}, "excessive aliasing", false},
	{"1.7 million aliases of one letter", filled(object+"[&a x", ",*a", "]"), tooMany, false},
	{"600,000 anchors", each(object+"[", "&a%d x,", 600_000), tooMany, false},
	{"5 MB of `[`", filled(object, "[", ""), tooDeep, true},
	{"5 MB of `{a: `", filled(object, "{a: ", ""), tooDeep, false},
	{"100,000 lists in lists on one line, `- - -`", text(block, strings.Repeat("- ", 100_000), "x\n"), indents, false},
	{"2,000 maps in maps, each indented by one more", func() []byte {
		out := bytes.NewBufferString(block)
		for i := range 2000 {
			fmt.Fprintf(out, "%sa:\n", strings.Repeat(" ", i+1))
		}
		return out.Bytes()
	}, indents, false},
	{"JSON, 100,000 objects deep", text(`{"apiVersion":"v1","kind":"A","data":`, strings.Repeat(`{"a":`, 100_000)), tooDeep, false},
	{"5 MB of `? `", filled("", "? ", ""), indents, false},
	{"2.6 million numbers", filled(object+"[", "1,", "1]\n"), tooMany, true},
	{"1.3 million maps", filled(object+"[", "{a},", "{}]\n"), tooMany, false},
	{"1.3 million lines of a list", filled(block, "- a\n", ""), tooMany, false},
	{"400,000 keys", each(block, "  k%d: v\n", 400_000), tooMany, false},
	{"2.6 million keys without values", filled("", "?\n", ""), tooMany, false},
	{"one key, 700,000 times", filled(block, "  k: v\n", ""), tooMany, true},
	{"a map of 100,000 long keys", each(block, "  a-rather-long-name-of-a-key-%d: and a value of some length\n", 100_000), "a map with more than 4096 keys", false},
	{"a key set twice", text(object, "{}\nkind: Secret\n"), `"kind" already set`, false},
	{"1.3 million `---`", filled("", "---\n", ""), "more than 10000 documents", true},
	{"600,000 documents of one letter", filled("", "---\na\n", ""), "more than 10000 documents", false},
	{"100,000 small objects", filled("", "---\napiVersion: v1\nkind: A\nmetadata: {name: x}\n", ""), "more than 10000 documents", false},
	{"5 MB of random bytes", noise, "a NUL, want text", false},
	{"5 MB of NUL", func() []byte { return make([]byte, large) }, "line 1: a NUL, want text", false},
	{"a NUL in a text", text(block, "  a: b\n  c: \"d\x00e\"\n"), "line 6: a NUL, want text", false},
	{"a byte that is no UTF-8", text(block, "  a: caf\xe9\n"), "line 5: the byte 0xe9 is no UTF-8", true},
	{"UTF-16, low byte first", func() []byte { return wide(object+"{a: b}\n", 0) }, "it is UTF-16, want UTF-8", true},
	{"UTF-16, high byte first", func() []byte { return wide(object+"{a: b}\n", 1) }, "it is UTF-16, want UTF-8", false},
	{"5 MB in one line that is no YAML", filled("", "x", ""), "unhandled node kind", false},
	{"a tab in place of space", text(block, "\ta: b\n"), "line 5: found character that cannot start any token", false},
	{"`%YAML 3.0`", text("%YAML 3.0\n---\n", object, "{}\n"), "found incompatible YAML document", false},
	{"a directive nobody knows", text("%MODEL x\n---\n", object, "{}\n"), "found unknown directive name", false},
	{"`!!binary` that is no base64", text(object, "{a: !!binary \"***\"}\n"), "!!binary value contains invalid base64 data", false},
	{"a key of 5 MB", filled(object+"{", "k", ": 1}\n"), "did not find expected", false},
	{"a number of 5 million digits", filled(object+"{a: ", "9", "}\n"), "", false},
	{"a float with an exponent of a million digits", text(object, "{a: 1e", strings.Repeat("9", 1_000_000), "}\n"), "", false},
	{"a line of 5 MB", filled(object+"{a: ", "x", "}\n"), "", false},
	{"a comment of 5 MB", filled("# ", "x", "\n"+object+"{a: b}\n"), "", false},
	{"`!!python/object/apply`", text(object, "!!python/object/apply:os.system [id]\n"), "", false},
	{"5 MB of space", filled(object+"{}\n", " ", "\n"), "", false},
	{"5 MB of empty lines", filled(object+"{}\n", "\n", ""), "", false},
}

// spellings are other ways to write the same file: what comes out is the same, to
// the byte.
var spellings = []struct {
	input   string
	written func(text string) string
	// plain: kustomize does not read it.
	plain bool
}{
	{"lines that end in CR LF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, false},
	{"lines that end in CR alone", func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }, false},
	{"a byte order mark of UTF-8", func(s string) string { return "\ufeff" + s }, false},
	{"`%YAML 1.1` and `---` before it", func(s string) string { return "%YAML 1.1\n---\n" + s }, true},
	{"`---` before it, `...` after it", func(s string) string { return "---\n" + s + "...\n" }, false},
	{"a comment at the end of each line", func(s string) string { return strings.ReplaceAll(s, "\n", " # note\n") }, false},
	{"an anchor, and an alias of it", func(s string) string {
		return strings.NewReplacer("min: 1", "min: &least 1", "max: 1", "max: *least").Replace(s)
	}, false},
	{"a merge key", func(s string) string {
		return strings.Replace(s, "{min: 1, max: 1}", "{<<: {min: 1}, max: 1}", 1)
	}, false},
}
