package fn

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/yaml"
)

// texts are items as hosts and people spell them, and what decoders disagree about.
var texts = []string{
	"apiVersion: a/v1\nkind: A\nmetadata: {name: x}\nspec:\n  n: 1\n  t: true\n  s: \"1\"\n  l: [a, 'b', \"c\\n\"]\n  b: |\n    two\n    lines\n  f: >-\n    folded\n    text\n",
	"a: yes\n", "a: 0o7\n", "a: 1_000\n", "a: 1.5\n", "a: ~\n", "a: null\n", "a:\n", "a: !!str 1\n", "a: !!binary YQ==\n", "a: &x b\nc: *x\n", "<<: {a: b}\n", "\"<<\": {a: b}\n",
	"a: 1\na: 2\n", "1: a\n", "yes: a\n", "\"yes\": a\n", "? [a]\n: b\n", "a: 2001-12-14\n", "a: 12:30\n", "a: .inf\n", "a: =\n", "a: \"\\u00e9\"\n", "a: é\n", "a: two words\n", "{a: b}\n",
	"a: {}\nb: []\n", "!!map {a: b}\n", "a: |+\n  b\n\n", "a: ''\n",
}

// FuzzTree: what the short way makes of an item is what a strict decoder reads in the
// text that is printed for it.
func FuzzTree(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"))
		if err != nil || len(l.Items) != 1 {
			return
		}
		got, ok := treeOf(nodeOf(l.Items[0]))
		if !ok {
			return
		}
		var want any
		if err := yaml.UnmarshalStrict([]byte(l.Items[0].String()), &want); err != nil {
			t.Fatalf("%v, and it is read as %v", err, got)
		}
		if diff := cmp.Diff(want, any(got.Any())); diff != "" {
			t.Errorf("-strict decoder +short way:\n%s", diff)
		}
	})
}

// TestTreeCannotTell: anchors, tags, merge keys and what decoders disagree about are
// left to a decoder.
func TestTreeCannotTell(t *testing.T) {
	for _, text := range texts[1:25] {
		if text == "\"yes\": a\n" || text == "a: \"\\u00e9\"\n" || text == "a: two words\n" || text == "{a: b}\n" || text == "\"<<\": {a: b}\n" {
			continue
		}
		o, err := krm.ParseKubeObject([]byte(text + "kind: A\napiVersion: v1\n"))
		if err != nil {
			continue // nor can the SDK
		}
		if tree, ok := treeOf(nodeOf(o)); ok {
			t.Errorf("%q is read as %v", text, tree)
		}
	}
}
