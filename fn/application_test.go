package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/fn"
)

// TestApplicationRefusesSecondVersions: what takes no canary takes no shadow either,
// and says which of the two it found.
func TestApplicationRefusesSecondVersions(t *testing.T) {
	shadow := strings.NewReplacer("canary:", "shadow:", "\n  weight: 10", "").Replace(canary)
	mode := platform("serving: {mode: Standard}")
	for field, second := range map[string]string{"spec.canary": canary, "spec.shadow": shadow} {
		d := deployment("v7", second)
		in := list("", d, mode, lockFor(t, d))
		run(t, in, fn.Config{}) // taken where nobody minds
		_, _, findings := fn.Run(t.Context(), in, fn.Config{Application: fn.Application{NoCanary: true}})
		wantRule(t, findings, "canary-not-allowed", "takes no second version of a model")
		if findings[0].Field != field {
			t.Errorf("%s: field %q", field, findings[0].Field)
		}
	}
}

// TestApplicationNamespace: it is of deployments that name none, and of no others.
func TestApplicationNamespace(t *testing.T) {
	const named = "  namespace: ml-serving\n"
	d := deployment("v7")
	locked := lockFor(t, d)
	want := generated(run(t, list("", d, platform(), locked), fn.Config{}).Items)
	for name, test := range map[string]struct{ deployment, namespace string }{
		"none":    {strings.Replace(d, named, "", 1), "ml-serving"},
		"another": {d, "elsewhere"},
	} {
		items := list("", test.deployment, platform(), locked)
		cfg := fn.Config{Application: fn.Application{Namespace: test.namespace}}
		if diff := cmp.Diff(want, generated(run(t, items, cfg).Items)); diff != "" {
			t.Errorf("%s named (-want +got):\n%s", name, diff)
		}
	}
}
