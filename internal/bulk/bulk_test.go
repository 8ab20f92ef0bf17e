package bulk

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// nodes is what a parser makes of a text, until it stops.
func nodes(raw []byte) (values, documents int) {
	for decoder := kyaml.NewDecoder(bytes.NewReader(raw)); ; documents++ {
		var document kyaml.Node
		if decoder.Decode(&document) != nil {
			return values, documents
		}
		values += sizeOf(&document)
	}
}

func sizeOf(n *kyaml.Node) int {
	sum := 1
	for _, child := range n.Content {
		sum += sizeOf(child)
	}
	return sum
}

// maxValues is too many for a text of some bytes each.
const maxValues = 1 << 17

func TestRefusesByLine(t *testing.T) {
	head := "kind: A\n"
	for name, tt := range map[string]struct{ text, want string }{
		"commas":              {head + "a: [" + strings.Repeat("1,", maxValues), "line 2: too many values"},
		"lines":               {strings.Repeat("- a\n", maxValues), "too many values"},
		"lines of one CR":     {strings.Repeat("- a\r", maxValues), "too many values"},
		"lines of YAML 1.1":   {strings.Repeat("- a\u2028", maxValues), "too many values"},
		"pairs, close":        {head + "{" + strings.Repeat(`"a":1,`, maxValues), "line 2: too many values"},
		"documents":           {strings.Repeat("---\n", maxDocuments+1), "line 10000: more than 10000 documents"},
		"ended documents":     {strings.Repeat("a\n...\n", maxDocuments+1), "more than 10000 documents"},
		"lists":               {head + "a: " + strings.Repeat("[", maxDepth+1), "line 2: more than 1000 levels of nesting"},
		"maps":                {head + "a: " + strings.Repeat("{a: ", maxDepth+1), "line 2: more than 1000 levels of nesting"},
		"lists on one line":   {head + strings.Repeat("- ", maxDepth) + "x", "line 2: more than 1000 columns before the text"},
		"indentation":         {head + strings.Repeat(" ", maxDepth+1) + "x", "line 2: more than 1000 columns before the text"},
		"bytes":               {strings.Repeat("x", MaxBytes+1), "more than 32 MiB of YAML"},
		"UTF-16, low first":   {utf16Of(strings.Repeat("- a\n", maxValues), 0), "too many values"},
		"UTF-16, high first":  {utf16Of(strings.Repeat("- a\n", maxValues), 1), "too many values"},
		"in a quoted text":    {head + `a: "` + strings.Repeat(",", maxValues) + `"`, "too many values"},
		"in a block of text":  {head + "a: |\n" + strings.Repeat("  x\n", maxValues), "too many values"},
		"keys without values": {strings.Repeat("? a\n", maxValues), "too many values"},
	} {
		if _, err := Count([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func utf16Of(text string, high int) string {
	out := []byte{0xff, 0xfe}
	if high == 1 {
		out = []byte{0xfe, 0xff}
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(unit), byte(unit >> 8)}
		out = append(out, pair[high], pair[1-high])
	}
	return string(out)
}

// TestTotal: many files are no way around.
func TestTotal(t *testing.T) {
	half, err := Count([]byte(strings.Repeat("- abcdefg\n", maxValues/4)))
	if err != nil || half.Heavy(1<<17) {
		t.Fatal(err)
	}
	var total Total
	if err := total.Add(half); err != nil {
		t.Fatal(err)
	}
	if err := total.Add(half); err == nil || err.Error() != "with what was read before it, too many values: more than 92842 in 655360 bytes" {
		t.Errorf("%v", err)
	}
}

// TestLetsThrough: what people write is far from every bound.
func TestLetsThrough(t *testing.T) {
	model := "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud}\nspec:\n  model: kit://registry.example.com/models/fraud:v7\n---\n"
	if _, err := Count([]byte(strings.Repeat(model, 3000))); err != nil {
		t.Errorf("3000 models: %v", err)
	}
	if _, err := Count([]byte("data: " + strings.Repeat("A", 4<<20) + "\n")); err != nil {
		t.Errorf("one long text: %v", err)
	}
	if _, err := Count([]byte("# " + strings.Repeat("-", 5000) + "\n" + strings.Repeat("-", 5000))); err != nil {
		t.Errorf("rulers: %v", err)
	}
}

// FuzzCheck: a parser never makes more of a text than twice what was counted.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		"a: 1\nb: [1, 2, {c: d}]\n", "{\"a\":1,\"b\":[{},{}]}", "- - - x\n-\n-\n", "? a\n? b\n", "[: ,: ]", "{,}", "[a: b, c: d]",
		"---\n---\n...\na\n...\nb", "a: |\n  b\n\n  c\n", "a\u0085b: c\u2028- d", "\xff\xfea\x00:\x00 \x00b\x00", "&a [*a, *a]", "!!set {a, b}", "%YAML 1.1\n---\na",
		"'a':b", "[[]:[]]", "a: b\r- c\r\nd", "#\n# c\na: b # c", "{a,b,c}", "-\ta\n-\tb",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		total, err := Count(raw)
		if err != nil {
			return
		}
		values, documents := nodes(raw)
		if documents > total.documents+1 {
			t.Errorf("%d documents, counted %d: %q", documents, total.documents, raw)
		}
		if values > 2*(total.values+total.documents)+2 {
			t.Errorf("%d values, counted %d in %d documents: %q", values, total.values, total.documents, raw)
		}
	})
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\nc: \xe9\n": "line 2: the byte 0xe9 is no UTF-8", "a\n\nb\x00": "line 3: a NUL, want text",
		"\xff\xfea\x00": "it is UTF-16, want UTF-8", "\xfe\xff\x00a": "it is UTF-16, want UTF-8",
		"\ufeffa: é\n": "", "": "", "\ufffd": "",
	} {
		if err := Text([]byte(text)); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTrees(t *testing.T) {
	for name, tt := range map[string]struct{ text, unroll, mappings string }{
		"itself":           {"a: b\nc: &a {b: *a}", `line 2: anchor "a" contains itself`, ""},
		"twice":            {"a:\n  b: 1\n  c: 2\n  b: 3\n", "", `line 4: key "b" already set in map`},
		"in two maps":      {"a: {b: 1}\nc: {b: 2}\n", "", ""},
		"merged, twice":    {"a: &a {b: 1}\nc: {<<: *a, <<: *a, b: 2}\n", "", ""},
		"many keys":        {"a: b\nc:\n" + keys(maxKeys+1), "", "line 3: a map with more than 4096 keys"},
		"two keys no text": {"? [a]\n: 1\n? [a]\n: 2\n", "", ""},
	} {
		var n kyaml.Node
		if err := kyaml.NewDecoder(strings.NewReader(tt.text)).Decode(&n); err != nil {
			t.Fatal(err)
		}
		_, unroll := Unroll(&n)
		for _, is := range []struct {
			err  error
			want string
		}{{unroll, tt.unroll}, {Mappings(&n), tt.mappings}} {
			if is.err == nil && is.want != "" || is.err != nil && (is.want == "" || !strings.Contains(is.err.Error(), is.want)) {
				t.Errorf("%s: %v, want %q", name, is.err, is.want)
			}
		}
	}
}

// keys is a mapping of so many.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  k%d: v\n", i)
	}
	return b.String()
}

// TestUnrollLongTexts: a few aliases of a long text are one much longer.
func TestUnrollLongTexts(t *testing.T) {
	long := &kyaml.Node{Kind: kyaml.ScalarNode, Value: strings.Repeat("x", 1<<20)}
	list := func(aliases int, more ...*kyaml.Node) *kyaml.Node {
		out := &kyaml.Node{Kind: kyaml.SequenceNode, Content: append([]*kyaml.Node{long}, more...)}
		for range aliases {
			out.Content = append(out.Content, &kyaml.Node{Kind: kyaml.AliasNode, Alias: long})
		}
		return out
	}
	longer := &kyaml.Node{Kind: kyaml.ScalarNode, Value: strings.Repeat("x", 8<<20)}
	for name, tt := range map[string]struct {
		in      *kyaml.Node
		refused bool
	}{
		"two aliases": {list(2), false}, "eight aliases": {list(8), true}, "no alias, and longer": {list(0, longer), false},
	} {
		if _, err := Unroll(tt.in); (err != nil) != tt.refused || err != nil && !strings.Contains(err.Error(), "excessive aliasing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
