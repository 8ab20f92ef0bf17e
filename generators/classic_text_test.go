package generators

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// expandable are what Kyverno puts values in the place of.
var expandable = []string{
	"{{", "{{{", "{{{{", "{{{{{", "{{ request.object }}", `\{{ x }}`, `\\{{ x }}`, "$(", "$$(", "$(./../name)", `\$(./../name)`, "$({{", "{$(", "{{$(x)}}",
}

// FuzzUnexpandedCEL: an expression means the same without what Kyverno would put
// values in the place of, and has nothing of it.
func FuzzUnexpandedCEL(f *testing.F) {
	for _, text := range append(expandable, hostile...) {
		f.Add(text)
	}
	env := environment(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		for _, expression := range []string{celString(text), "[" + celString("x"+text) + ", " + celString(text) + "][1]"} {
			safe := unexpandedCEL(expression)
			if got := evaluate(t, env, safe); got != text {
				t.Errorf("%q became %q in %s", text, got, safe)
			}
			wantUnexpanded(t, safe)
		}
		wantUnexpanded(t, unexpanded(text))
	})
}

func wantUnexpanded(t *testing.T, text string) {
	t.Helper()
	for _, mark := range []string{"{{", "$("} {
		if strings.Contains(text, mark) {
			t.Errorf("%s is left in %q", mark, text)
		}
	}
}

// TestUnexpanded: a message stays readable.
func TestUnexpanded(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "{{ x }}": "{ { x }}", "{{{": "{ { {", "$(x)": "$ (x)", "{ $ (": "{ $ (",
	} {
		if got := unexpanded(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
