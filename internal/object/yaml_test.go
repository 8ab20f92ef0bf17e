package object

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"
)

// decoders read YAML as the tools around us do: kustomize, kpt and yaml.v3
// through kyaml, kubectl and Argo CD (and yaml.v2) through sigs.k8s.io/yaml.
var decoders = map[string]func([]byte, any) error{
	"kyaml": kyaml.Unmarshal,
	"sigs":  func(raw []byte, into any) error { return yaml.UnmarshalStrict(raw, into) },
}

// readBack decodes with every decoder and wants the same as JSON gives.
func readBack(t *testing.T, m Map) {
	t.Helper()
	raw := AppendYAML(nil, m)
	want := canonical(t, plain(m))
	for name, decode := range decoders {
		var tree any
		if err := decode(raw, &tree); err != nil {
			t.Errorf("%s: %v:\n%s", name, err, raw)
			continue
		}
		if diff := cmp.Diff(want, canonical(t, tree)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, raw)
		}
	}
}

// canonical is a value as JSON, after JSON has had its own way with it: a broken
// character is written as an escape the first time.
func canonical(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	raw, err = json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// everywhere is the text in each place where a text can stand.
func everywhere(key, text string) Map {
	return Map{
		{"value", text},
		{"list", List{text, Map{{key, text}}, List{text, text}, List{}, Map{}}},
		{"map", Map{{key, Map{{"deep", List{Map{{"a", text}, {"b", text}}}}}}}},
		{"last" + key, text},
	}
}

// tricky are texts that some YAML version or decoder takes for something else.
var tricky = []string{
	"", " ", "~", "null", "Null", "NULL", "true", "False", "yes", "No", "on", "OFF", "y", "N",
	"0", "1", "-1", "+1", "007", "0o7", "0x1F", "0b1", "1_000", "1e3", "1E400", ".5", "5.", ".inf", "-.INF", ".nan", "NaN", "inf",
	"12:30:45", "1:2", "190:20:30", "2001-12-14", "2001-12-14t21:59:43.10-05:00", "8f2c", "1e1000000000",
	"=", "<<", "!", "!!str", "&a", "*a", "|", ">", "%YAML 1.1", "@x", "`x", "#", "# c", "a #b", "a: b", "a:", ":a", "a:b", "- a", "-", "--- ", "---", "...", "? a", ", a",
	"[a]", "{a}", "'", "''", `"`, `\`, `\n`, `a\`, "'a'", `"a"`, "a'b", "{{ x }}", "$(x)",
	"\t", "\ta", "a\t", "\n", "\n\n", "a\n", "a\nb", "a\nb\n", "a\n\nb\n", "a\nb\n\n", " a\nb\n", "a \nb\n", "a\n b\n", "a\n\tb\n", "\na\nb", "a\r\nb\n", "a\rb", "---\na\n", "a\n---\nb\n", "a\n#b\n", "a: b\nc: d\n", "a\nb ",
	"\x00", "\x07", "\x1b[31m", "\x7f", "\u0080", "\u0085", "\u00a0", "\u00ad", "\u2028", "\u2029", "\ufeff", "\ufeffa", "\ufffd", "\ufffe", "é", "日本語", "\U0001f600", "\U0010ffff",
	strings.Repeat("a", 600), strings.Repeat("a ", 600), strings.Repeat("a b\n", 300),
}

func TestTrickyText(t *testing.T) {
	for _, text := range tricky {
		t.Run(text, func(t *testing.T) { readBack(t, everywhere("key", text)) })
	}
}

func TestTrickyKeys(t *testing.T) {
	for _, key := range tricky {
		if len(key) < 1000 { // YAML ends a key that stands before its colon at 1024
			t.Run(key, func(t *testing.T) { readBack(t, everywhere(key, "text")) })
		}
	}
}

// TestStyle: what people and Git see.
func TestStyle(t *testing.T) {
	m := Map{
		{"plain", "kit://registry.example.com/models/fraud@sha256:00"}, {"quoted", "7.0.0"}, {"int", 1}, {"long", int64(1) << 40}, {"yes", true},
		{"number", json.Number("1e3")}, {"empty", Map{}}, {"none", List{}},
		{"list", List{"a", Map{{"b", "c"}, {"d", List{"e"}}}, List{"f", List{"g"}}, nil}},
		{"pem", "-----BEGIN\nx\n-----END\n"}, {"expression", "a\n&& b"},
	}
	want := `plain: kit://registry.example.com/models/fraud@sha256:00
quoted: "7.0.0"
int: 1
long: 1099511627776
"yes": true
number: 1000
empty: {}
none: []
list:
- a
- b: c
  d:
  - e
- - f
  - - g
- null
pem: |
  -----BEGIN
  x
  -----END
expression: |-
  a
  && b
`
	if diff := cmp.Diff(want, string(AppendYAML(nil, m))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	readBack(t, m[:5])
}

// TestNumbers: YAML 1.1 takes an exponent without a dot for text.
func TestNumbers(t *testing.T) {
	for _, n := range []json.Number{"0", "-1", "1.5", "1e3", "1E-7", "1e21", "123456789012", "9007199254740993"} {
		raw := AppendYAML(nil, Map{{"n", n}})
		var got struct{ N any }
		if err := yaml.Unmarshal(raw, &got); err != nil {
			t.Errorf("%s: %v", n, err)
		}
		want, err := n.Float64()
		if err != nil {
			t.Fatal(err)
		}
		if got.N != want {
			t.Errorf("%s is read back as %v from %s", n, got.N, raw)
		}
	}
}

// FuzzYAML: every decoder reads back what was written, as value and as key.
func FuzzYAML(f *testing.F) {
	for _, text := range tricky {
		f.Add("key", text)
		f.Add(text, "value")
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		if len(key) > 160 { // escapes take up to six characters each; see TestTrickyKeys
			return
		}
		// Strings are valid UTF-8 wherever they come from; should one not be, the
		// broken bytes become the replacement character, in JSON as in YAML.
		readBack(t, everywhere(key, text))
	})
}
