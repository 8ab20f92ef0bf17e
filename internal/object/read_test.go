package object

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRead: what people and programs write most is read, in all its spellings.
func TestRead(t *testing.T) {
	const text = `---
# A comment.
apiVersion: modelfn.dev/v1alpha1
kind: ModelDeployment   # another

metadata:
    name: fraud
    labels: {team: risk, tier: "1", empty: ""}
spec:
  model: kit://registry.example.com:5000/models/fraud@sha256:0123abcd
  # Between.
  replicas: { min: 1, max: -4 }
  on-call: 'it is "quoted"'
  text: two words, (three) a*b   # and a comment
  flags:
  - --not
  - plain
  -   deep: true
      list:
        - x
        - [a, [b, c], {}]
    # of another indentation
  - name: a
    value: false
  none: []
  pem: |
    -----BEGIN-----
      a: [#

    b
    c
  kept: |-
    # c
  json: {"a": "b\n\"c\"\\", "d":["e"], "f":{"g": 1}}
  sizes: [4Gi, 500m, 1h, 8f2c]
  canary: {model: oci://a.example:5000/b:v2, weight: 10}
`
	got, ok := Read([]byte(strings.Replace(text, "  - --not\n", "", 1)))
	if !ok {
		t.Fatal("it cannot tell")
	}
	want := Map{
		{"apiVersion", "modelfn.dev/v1alpha1"}, {"kind", "ModelDeployment"},
		{"metadata", Map{{"name", "fraud"}, {"labels", Map{{"team", "risk"}, {"tier", "1"}, {"empty", ""}}}}},
		{"spec", Map{
			{"model", "kit://registry.example.com:5000/models/fraud@sha256:0123abcd"},
			{"replicas", Map{{"min", json.Number("1")}, {"max", json.Number("-4")}}},
			{"on-call", `it is "quoted"`},
			{"text", "two words, (three) a*b"},
			{"flags", List{
				"plain",
				Map{{"deep", true}, {"list", List{"x", List{"a", List{"b", "c"}, Map{}}}}},
				Map{{"name", "a"}, {"value", false}},
			}},
			{"none", List{}},
			{"pem", "-----BEGIN-----\n  a: [#\n\nb\nc\n"}, {"kept", "# c"},
			{"json", Map{{"a", "b\n\"c\"\\"}, {"d", List{"e"}}, {"f", Map{{"g", json.Number("1")}}}}},
			{"sizes", List{"4Gi", "500m", "1h", "8f2c"}},
			{"canary", Map{{"model", "oci://a.example:5000/b:v2"}, {"weight", json.Number("10")}}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, ok := Read([]byte(text)); ok {
		t.Error("it reads a text that begins with a dash")
	}
}

// unread are documents that readers disagree about, that say more than Read knows,
// or that are broken.
var unread = []string{
	"", "a", "- a\n", "a: 1\n- b\n", "a:\n  b: 1\n  - c\n", "- a: 1\n  - b\n", " a: 1\n", "a:\n", "a: ~\n", "a: null\n", "a: yes\n", "on: 1\n",
	"a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "a: 1\n b: 2\n", "a: b\n  c\n", "- b\n  c\n", "a:\n- b\n  c\n", "a: 'b\n  c'\n", "a: \"b\\t\"\n", "a: \"b\\\"\n", "a: \"\\u0041\"\n", "a: {\"b\"}\n", "a: {\"b\" c}\n", "a: {\"\": c}\n", "a: {\"1\": c}\n", "a: {'b': c}\n", "a: 'b''c'\n",
	"a: &b c\n", "a: *b\n", "a: !!str b\n", "a: |\n  b", "a: |+\n  b\n", "a: |2\n  b\n", "a: |\n\n  b\n", "a: |\n  b\n \n  c\n", "a: |\nb: c\n", "a: |\n", "a: |-\n\n", "a: |\n  b\n c\n", "a: |\n    b\n  c\n", "- |\n  a\n", "a: | # b\n  c\n", "a: >\n  b\n", "<<: {b: c}\n", "? a\n: b\n", "a: b: c\n", "a: b:\n", "a:b\n", "a : b\n", "\"a\": b\n", "1: b\n",
	"a: 0x10\n", "a: 010\n", "a: 1_000\n", "a: 1.5\n", "a: 1e3\n", "a: -0\n", "a: 1234567890123456\n", "a: 12:30\n", "a: 2001-12-14\n", "a: 1e\n", "a: 0x\n", "a: 0b2\n", "a: 0o9\n", "a: 1.0.0\n", "a: .5\n",
	"a: [b\n", "a: [b,]\n", "a: {b}\n", "a: {b:c}\n", "a: {b: }\n", "a: [b: c]\n", "a: [b] c\n", "a: {b: c} #d\n---\n", "a: b\n---\nc: d\n", "a: b\n...\n", "%YAML 1.1\n---\na: b\n", "--- # c\na: b\n",
	"a: \"b\" c\n", "a: \"b\"#c\n", "a: b#c\n", "a:\tb\n", "a: b\r\n", "a: \u00e9\n", "a: b\x00\n", "\ufeffa: b\n", "a: \x7f\n",
	"a: [" + strings.Repeat("[", 100) + "\n", "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n", nested(100), " ---\na: 1\n", "a: 0B1\n", "a: 0O7\n", "a: 1E\n", "a: 0X\n", strings.Repeat("a", 2000) + ": b\n",
}

// nested are mappings in mappings.
func nested(deep int) string {
	var out strings.Builder
	for i := range deep {
		out.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return out.String() + strings.Repeat(" ", deep) + "b: c\n"
}

func TestReadCannotTell(t *testing.T) {
	for _, text := range unread {
		if m, ok := Read([]byte(text)); ok {
			t.Errorf("%.80q is read as %v", text, m)
		}
	}
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, "a%d: b\n", i)
	}
	if _, ok := Read([]byte(many.String())); ok {
		t.Error("it reads a mapping of 2000 fields, each of which it compares with those before")
	}
}

// TestReadWritten: it reads what AppendYAML writes of what has no strange text in it.
func TestReadWritten(t *testing.T) {
	m := Map{
		{"apiVersion", "v1"}, {"number", 12}, {"true", List{}}, {"digest", "sha256:" + strings.Repeat("0a", 32)},
		{"list", List{Map{{"a", "b c"}, {"b", List{"1", "x"}}}, "y", Map{}, "-"}}, {"long", strings.Repeat("A0+/", 900) + "=="},
	}
	m[2].Key = "truth"
	got, ok := Read(AppendYAML(nil, m))
	if !ok {
		t.Fatalf("it cannot tell what this is:\n%s", AppendYAML(nil, m))
	}
	if diff := cmp.Diff(canonical(t, plain(m)), canonical(t, plain(got))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// FuzzRead: what is read is what every decoder reads.
func FuzzRead(f *testing.F) {
	for _, text := range unread {
		f.Add(text)
	}
	for _, text := range append([]string{"4Gi", "1h", "0f", "0f1", "9i", "1n", "1a:2", "1a:b", "007a", "0777l"}, tricky...) {
		f.Add("a: " + text + "\nb:\n- " + text + "\nc: [" + text + ", {d: " + text + "}, a:" + text + "]\n")
		f.Add(string(AppendYAML(nil, everywhere("key", text))))
		f.Add(fmt.Sprintf("a: {%q:%q, \"b\":{%q: %s}}\n", text, text, text, text))
		f.Add("a: |\n  " + text + "\nb:\n- c: |-\n    x\n    " + text + "\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := Read([]byte(text))
		if !ok {
			return
		}
		want := canonical(t, plain(m))
		for name, decode := range decoders {
			var tree any
			if err := decode([]byte(text), &tree); err != nil {
				t.Errorf("%s: %v:\n%s", name, err, text)
				continue
			}
			if diff := cmp.Diff(want, canonical(t, tree)); diff != "" {
				t.Errorf("%s (-Read +other):\n%s\n%s", name, diff, text)
			}
		}
		// As one document: a decoder of streams finds no second.
		if strings.Count(text, "---") > 1 && strings.Contains(text, "\n---") {
			t.Errorf("several documents:\n%s", text)
		}
	})
}
