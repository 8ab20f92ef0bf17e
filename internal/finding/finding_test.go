package finding

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestNeutralise(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"plain":              {"kit://registry.example.com/models/fraud:v7, signed by é", "kit://registry.example.com/models/fraud:v7, signed by é"},
		"colour":             {"\x1b[31mred", `\u001b[31mred`},
		"line":               {"a\nb\r\nc\u2028d\u0085e", `a\u000ab\u000d\u000ac\u2028d\u0085e`},
		"bell and NUL":       {"\a\x00\x7f", `\u0007\u0000\u007f`},
		"override":           {"a\u202eb\u2066c\u200fd\u061ce", `a\u202eb\u2066c\u200fd\u061ce`},
		"command":            {"::error::x", ":\u200b:error:\u200b:x"},
		"command in colons":  {":::error:::", ":\u200b:\u200b:error:\u200b:\u200b:"},
		"command of another": {"##vso[task] ##[error]", "#\u200b#vso[task] #\u200b#[error]"},
		"broken UTF-8":       {"a\xffb", `a\ufffdb`},
	} {
		if diff := cmp.Diff(test.want, Neutralise(test.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzNeutralise: whatever goes in, nothing comes out that a terminal or a CI
// system acts upon, and a second time changes nothing.
func FuzzNeutralise(f *testing.F) {
	for _, s := range []string{"", "::error", ":\u200b::", "\x1b]0;x\a", "\u202e", "##[", "\xff", "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Neutralise(s)
		if strings.Contains(got, "::") || strings.Contains(got, "##") || !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q became %q with %U", s, got, r)
			}
		}
		if again := Neutralise(got); again != got {
			t.Errorf("%q became %q, then %q", s, got, again)
		}
	})
}

func TestString(t *testing.T) {
	full := Finding{
		Rule: "untrusted-model", Severity: Error, Field: "spec.model", Message: "it has\nno signature", Fix: "sign it",
		Resource: Resource{Kind: "ModelDeployment", Namespace: "ml-serving", Name: "fraud", File: "a/fraud.yaml"},
	}
	for want, f := range map[string]Finding{
		`error: untrusted-model: ModelDeployment ml-serving/fraud (a/fraud.yaml) spec.model: it has\u000ano signature; fix: sign it`: full,
		`warning: unused: only this`: {Rule: "unused", Severity: Warning, Message: "only this"},
		`error: x: (f.yaml) m`:       {Rule: "x", Severity: Error, Message: "m", Resource: Resource{File: "f.yaml"}},
	} {
		if diff := cmp.Diff(want, f.String()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// TestExitCode: a refusal outweighs what could not be found out, since a retry
// would not help; a warning weighs nothing.
func TestExitCode(t *testing.T) {
	warning, refused, unknown := Finding{Severity: Warning}, Finding{Severity: Error}, Finding{Severity: Error, Unknown: true}
	for name, test := range map[string]struct {
		list List
		want int
	}{
		"none": {nil, ExitOK}, "warning": {List{warning}, ExitOK}, "unknown warning": {List{{Severity: Warning, Unknown: true}}, ExitOK},
		"refused": {List{warning, refused}, ExitRefused}, "unknown": {List{unknown, warning}, ExitUnknown},
		"unknown, then refused": {List{unknown, refused}, ExitRefused}, "refused, then unknown": {List{refused, unknown}, ExitRefused},
	} {
		if got := test.list.ExitCode(); got != test.want {
			t.Errorf("%s: exit code %d, want %d", name, got, test.want)
		}
		if got := test.list.Refused(); got != (test.want != ExitOK) {
			t.Errorf("%s: refused %t", name, got)
		}
	}
}

// TestSorted: work done in any order gives the same report, each thing once.
func TestSorted(t *testing.T) {
	at := func(namespace, name, file string) Resource {
		return Resource{Namespace: namespace, Name: name, File: file}
	}
	want := List{
		{Resource: at("a", "a", ""), Severity: Error, Rule: "x"},
		{Resource: at("a", "b", "1"), Severity: Error, Rule: "x"},
		{Resource: at("a", "b", "2"), Severity: Error, Rule: "x", Field: "f"},
		{Resource: at("a", "b", "2"), Severity: Error, Rule: "x", Field: "g", Message: "m"},
		{Resource: at("a", "b", "2"), Severity: Error, Rule: "x", Field: "g", Message: "n"},
		{Resource: at("a", "b", "2"), Severity: Error, Rule: "y"},
		{Resource: at("b", "a", ""), Severity: Error, Rule: "x"},
		{Resource: at("a", "b", "2"), Severity: Warning, Rule: "a"},
	}
	for i := range want {
		shuffled := append(slices.Clone(want[i:]), want...)
		slices.Reverse(shuffled)
		if diff := cmp.Diff(want, shuffled.Sorted()); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
	list := List{{Rule: "b"}, {Rule: "a"}}
	list.Sorted()
	if list[0].Rule != "b" {
		t.Error("the list itself was reordered")
	}
}
