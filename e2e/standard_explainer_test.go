package e2e_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// TestStandardExplainer: what KServe's own route leads to the explainer, the
// rendered one leads there too, and nothing else.
func TestStandardExplainer(t *testing.T) {
	c := kserve.Get(t)
	prepare(t, c)
	objects := parse(t, read(t, "../testdata/standard-explainer-shadow/expected.yaml"))
	s, ours := ofKind(objects, "InferenceService")[fraudV7], ofKind(objects, "HTTPRoute")["fraud"]
	s.SetLabels(nil) // so that there is a route of KServe's
	enter(t, c, "explainer", []*cluster.Object{s})
	for _, suffix := range []string{"-predictor", "-transformer", "-explainer"} {
		if err := c.SetStatus(t.Context(), made(t, c, s, "apps/v1", "Deployment", suffix), available); err != nil {
			t.Fatal(err)
		}
	}
	theirs := made(t, c, s, "gateway.networking.k8s.io/v1", "HTTPRoute", "")
	for _, path := range []string{
		"/", "/v1/models", "/v1/models/fraud", "/v1/models/fraud:predict", "/v1/models/fraud:explain", "/v1/models/fraud:explain/",
		"/v2/models/fraud/infer", "/v1/models/fraud:explainer",
	} {
		if diff := cmp.Diff(leads(t, theirs, path), leads(t, ours, path)); diff != "" {
			t.Errorf("%s: -KServe's, +ours:\n%s", path, diff)
		}
	}
}

// leads is the first Service of the most specific rule for a path.
func leads(t *testing.T, route *cluster.Object, path string) string {
	t.Helper()
	best, to := -1, ""
	for _, rule := range fieldOf[[]any](t, route.Object, "spec", "rules") {
		rule := rule.(map[string]any)
		match := fieldOf[[]any](t, rule, "matches")[0].(map[string]any)
		value := fieldOf[string](t, match, "path", "value")
		rank := -1
		switch kind := fieldOf[string](t, match, "path", "type"); {
		case kind == "Exact" && path == value:
			rank = 1000
		case kind == "PathPrefix" && strings.HasPrefix(path, value), kind == "RegularExpression" && regexp.MustCompile(value).MatchString(path):
			rank = 0 // the first one that matches
		}
		if rank > best {
			best, to = rank, fieldOf[string](t, fieldOf[[]any](t, rule, "backendRefs")[0].(map[string]any), "name")
		}
	}
	return to
}
