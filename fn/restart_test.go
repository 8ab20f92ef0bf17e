package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/fn"
)

// TestNothingOfTheRuleOnTheVersion: KServe copies what stands on an
// InferenceService to its pods, so that it says what is served, and nothing of how
// it is named or who vouches for it: those stand on the record.
func TestNothingOfTheRuleOnTheVersion(t *testing.T) {
	binding := func(platform string) string {
		return strings.Replace(platform, "    authorities:\n", "    binding: Name\n    authorities:\n", 1)
	}
	for mode, serving := range map[string]string{"Knative": "", "Standard": "serving: {mode: Standard}"} {
		service := func(d, p string) string {
			items := run(t, list("", d, p, lockFor(t, d)), fn.Config{}).Items
			if text := one(t, items, "ConfigMap").String(); !strings.Contains(text, "modelfn.dev/source: "+decode(t, d).Spec.Model) {
				t.Errorf("%s: the record does not say where it came from:\n%s", mode, text)
			}
			return one(t, items, "InferenceService").String()
		}
		want := service(deployment("v8"), platform(serving))
		for name, got := range map[string]string{
			"another tag":          service(deployment("two"), platform(serving)),
			"signatures that bind": service(deployment("bound"), binding(platform(serving))),
			"no signature wanted": service(deployment("v8"), strings.Replace(platform(serving), "  - match: [",
				"  - {match: ["+fraud+"], unsafeUnsigned: true}\n  - match: [", 1)),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: -before, +after:\n%s", mode, name, diff)
			}
		}
	}
}
