package trust

import (
	"strings"
	"testing"
)

// TestPortable: an expression is handed to Kyverno if it means the same there, and
// else it is said why not.
func TestPortable(t *testing.T) {
	for name, test := range map[string]struct{ reason, text, want string }{
		"comparison":      {"numbers compare across types there, too", "predicate.metrics.auc >= 0.92 && predicate.n == 3", ""},
		"key with a dash": {"an index is one everywhere", `predicate["metrics"]["auc-roc"] >= 0.92`, ""},
		"list":            {"of one type", `predicate.dataset in ["a", "b"]`, ""},
		"macros":          {"all and exists gather nothing", `predicate.f.all(f, f.ok) || predicate.f.exists(f, f.late) || predicate.f.exists_one(f, f.main)`, ""},
		"optional":        {"a default", "predicate.?metrics.?fairness.orValue(1.0) >= 0.8", ""},
		"size of filter":  {"nobody sees the order", `predicate.f.filter(f, f.severity == "HIGH").size() == 0 && size(predicate.f.map(f, f.id)) < 9`, ""},
		"in map":          {"nor here", `"a" in predicate.f.map(f, f.id)`, ""},
		"filter of map":   {"nor what comes of it", `predicate.f.filter(f, f.ok).all(f, f.late)`, ""},
		"sets":            {"a set has no order", `sets.contains(["a"], predicate.f.map(f, f.id))`, ""},
		"math, texts":     {"older than both", `math.greatest(predicate.n, 2) == 3 && predicate.d.startsWith("hold") && predicate.d.matches("^[a-z]+$")`, ""},
		"time":            {"conversions", `timestamp(predicate.on) > timestamp("2026-01-01T00:00:00Z")`, ""},

		"two types":         {"Kubernetes wants one in a literal", "predicate.n in [3, 4.0]", "it does not compile there: expected type 'int' but found 'double'"},
		"indexOf":           {"Kubernetes has one for lists", `predicate.d.indexOf("h") == 0`, "indexOf is another function there"},
		"lastIndexOf":       {"as indexOf", `predicate.d.lastIndexOf("h") == 0`, "lastIndexOf is another function there"},
		"json.unmarshal":    {"it is our own", "json.unmarshal(predicate.Data).approved", "json.unmarshal is another function there"},
		"within a macro":    {"a part is looked at, too", `predicate.f.all(f, f.id.indexOf("h") == 0)`, "indexOf is another function there"},
		"order of map":      {"keys come in Go's order there", `predicate.m.map(k, k) == ["a", "b"]`, "comes in any order there"},
		"order of filter":   {"as of map", `predicate.m.filter(k, k != "a")[0] == "b"`, "comes in any order there"},
		"in a macro":        {"a gathered list within", `predicate.f.all(f, f.m.map(k, k)[0] == "a")`, "comes in any order there"},
		"in a filter":       {"the outer one is counted, the inner one is not", `predicate.f.filter(f, f.m.map(k, k)[0] == "a").size() == 0`, "comes in any order there"},
		"orValue of none":   {"newer versions want an optional value", "predicate.n.orValue(3) == 3", "orValue is of optional values only there"},
		"a type":            {"nobody needs it", "type(predicate.n) == double", "type is another function there"},
		"beside a good one": {"one part is enough", `predicate.n == 3 && predicate.d.indexOf("h") == 0`, "indexOf is another function there"},
	} {
		t.Run(name, func(t *testing.T) {
			switch err := portable(test.text); {
			case test.want == "" && err != nil:
				t.Errorf("%s: %v", test.reason, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%s: got %v, want %q", test.reason, err, test.want)
			}
		})
	}
}

// TestWide: what Kyverno would round is not judged there.
func TestWide(t *testing.T) {
	for raw, want := range map[string]bool{
		`{"n": 9007199254740991, "m": [1.5, -3e7]}`: false,
		`{"n": "9007199254740993"}`:                 false,
		`{"n": 9007199254740992}`:                   true,
		`{"a": [{"n": -9007199254740993}]}`:         true,
		`[18446744073709551615]`:                    true,
	} {
		if got := wide([]byte(raw)); got != want {
			t.Errorf("%s: %t, want %t", raw, got, want)
		}
	}
}
