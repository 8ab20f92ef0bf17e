package generators

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/object"
)

func environment(t testing.TB) *cel.Env {
	t.Helper()
	env, err := cel.NewEnv(cel.OptionalTypes())
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// evaluate is the value of an expression without variables.
func evaluate(t *testing.T, env *cel.Env, expression string) any {
	t.Helper()
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		t.Fatalf("%v:\n%s", issues.Err(), expression)
	}
	program, err := env.Program(ast)
	if err != nil {
		t.Fatal(err)
	}
	value, _, err := program.Eval(cel.NoVars())
	if err != nil {
		t.Fatal(err)
	}
	return value.Value()
}

var hostile = []string{
	"", "plain", "it's", `"`, `\`, `\'`, `'''`, `' || true || '`, "a\nb", "\r", "\t", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffd",
	"é", "日本語", "\U0001f600", `\u0041`, `\x41`, `{{ x }}`, "`", "?", "r'", "b'",
}

func TestCELString(t *testing.T) {
	env := environment(t)
	for _, text := range hostile {
		if got := evaluate(t, env, celString(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestCELValue: a literal is compiled as Kubernetes does it, with all values of one
// type, and is what it was made of. What is nested deeply takes no longer than what
// is long.
func TestCELValue(t *testing.T) {
	env := environment(t)
	for name, tt := range map[string]struct{ value, want any }{
		"text":      {"it's", "it's"},
		"truth":     {true, true},
		"fraction":  {json.Number("0.5"), 0.5},
		"exponent":  {json.Number("1e3"), 1000.0},
		"whole":     {json.Number("-5"), int64(-5)},
		"mixed":     {object.List{"a", 1, true, nil}, nil},
		"empty too": {object.List{object.List{}, object.List{"a"}}, nil},
		"nested":    {object.Map{{Key: "a", Value: object.List{object.Map{{Key: "b", Value: false}}, object.Map{{Key: "b", Value: "c"}}}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := evaluate(t, env, celValue(tt.value)); tt.want != nil && got != tt.want {
				t.Errorf("%#v became %#v", tt.value, got)
			}
		})
	}
	deep := any("a")
	for range 1000 {
		deep = object.List{deep}
	}
	if got := celValue(deep); len(got) != 2003 {
		t.Errorf("%d characters", len(got))
	}
}

// FuzzCELString: the literal is exactly the text, and cannot end early. A text
// that is no UTF-8 (nothing that came through YAML or JSON is) gets replacement
// characters, as JSON would give it.
func FuzzCELString(f *testing.F) {
	for _, text := range append(hostile, "\xff", "a\xc3", "\xed\xa0\x80") {
		f.Add(text)
	}
	env := environment(f)
	f.Fuzz(func(t *testing.T, text string) {
		want := text
		if !utf8.ValidString(text) {
			want = string([]rune(text))
		}
		if got := evaluate(t, env, celString(text)); got != want {
			t.Errorf("%q became %q", text, got)
		}
		if got := evaluate(t, env, celString(text)+" in "+celList([]string{"x", text})); got != true {
			t.Errorf("%q is not in its own list", text)
		}
	})
}

// FuzzLiterally: in a regular expression a text stands for itself and nothing else.
func FuzzLiterally(f *testing.F) {
	for _, text := range append(hostile, ".", "^", "$", "a|b", "(", `\Q`, `\E`, "[a-z]", "{1}", "*", "(?i)a", "registry.example.com") {
		f.Add(text, "b")
	}
	env := environment(f)
	f.Fuzz(func(t *testing.T, text, other string) {
		if !utf8.ValidString(text) || !utf8.ValidString(other) {
			return
		}
		expression := "^" + literally("x", text) + "$"
		if got := evaluate(t, env, celMatches(celString(text), expression)); got != true {
			t.Errorf("%q does not match itself", text)
		}
		if got := evaluate(t, env, celMatches(celString(other), expression)); got != (other == text || other == "x") {
			t.Errorf("%q matches %q: %v", expression, other, got)
		}
	})
}

// TestCELListIsReadable: a long list has a line for each value.
func TestCELListIsReadable(t *testing.T) {
	if got := celList([]string{"a", "b"}); got != "['a', 'b']" {
		t.Errorf("short list: %s", got)
	}
	long := []string{strings.Repeat("a", 60), strings.Repeat("b", 60)}
	if diff := cmp.Diff("[\n'"+long[0]+"',\n'"+long[1]+"']", celList(long)); diff != "" {
		t.Errorf("long list (-want +got):\n%s", diff)
	}
	if got := celList(nil); got != "[]" {
		t.Errorf("empty list: %s", got)
	}
}

// TestExpressionsParse: each CEL expression of the golden files is one.
func TestExpressionsParse(t *testing.T) {
	env := environment(t)
	files, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	parsed := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := (&kio.ByteReader{Reader: strings.NewReader(string(raw)), OmitReaderAnnotations: true}).Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			for _, expression := range expressions(n.YNode()) {
				parsed++
				if _, issues := env.Parse(expression); issues.Err() != nil {
					t.Errorf("%s: %v", file, issues.Err())
				}
			}
		}
	}
	if parsed < 50 {
		t.Errorf("only %d expressions were found", parsed)
	}
}

func expressions(n *kyaml.Node) []string {
	var out []string
	for i, c := range n.Content {
		if n.Kind == kyaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "expression" {
			out = append(out, c.Value)
		}
		out = append(out, expressions(c)...)
	}
	return out
}
