package generators

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/testsign"
)

// withCanary is a verified model with a canary, as far as its shape goes.
func withCanary(t *testing.T) *model.Model {
	t.Helper()
	const other = "kit://registry.example.com/models/fraud:v8"
	ref, err := artifact.ParseReference(other)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{testsign.Kit("fraud", "8.0.0").Entry(other)}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	m := verified(t, 1, "release")
	m.Canary = &model.Version{Role: "canary", Field: "spec.canary", Judged: model.Judged{Artifact: pinned.Artifact}}
	return m
}

// TestCanaryShape: who may bring a canary in, by what the cluster has of it. The
// same expressions are judged by the real API server and Kyverno in e2e.
func TestCanaryShape(t *testing.T) {
	m := withCanary(t)
	stable, canary := m.Stable.Artifact.StorageURI(), m.Canary.Artifact.StorageURI()
	type tree = map[string]any
	// serving is an object that serves a model, to so many percent, with KServe's
	// revisions: created, rolled out, rolled out before.
	serving := func(uri string, percent any, revisions ...string) tree {
		predictor := tree{"model": tree{"storageUri": uri}}
		if percent != nil {
			predictor["canaryTrafficPercent"] = percent
		}
		status := tree{}
		for i, name := range []string{"latestCreatedRevision", "latestRolledoutRevision", "previousRolledoutRevision"} {
			if i < len(revisions) && revisions[i] != "" {
				status[name] = revisions[i]
			}
		}
		return tree{"spec": tree{"predictor": predictor}, "status": tree{"components": tree{"predictor": status}}}
	}
	for name, tt := range map[string]struct {
		old     any // nil where the object is created
		percent any // of what comes
		allowed bool
	}{
		"created":                        {nil, 10, false},
		"created, by the CLI":            {tree{}, 10, false},
		"created with weight 0":          {nil, 0, false},
		"created with everything":        {nil, 100, true},
		"created without":                {nil, nil, true},
		"beside the stable version":      {serving(stable, nil, "1", "1"), 10, true},
		"that was given everything":      {serving(stable, 100, "1", "1"), 10, true},
		"the stable one never came up":   {serving(stable, nil, "1"), 10, false},
		"the one before it still serves": {serving(stable, nil, "2", "1"), 10, false},
		"no status at all":               {tree{"spec": serving(stable, nil)["spec"]}, 10, false},
		"beside another one":             {serving("kit://other", nil, "1", "1"), 10, false},
		"back from a promotion":          {serving(canary, nil, "2", "2", "1"), 50, true},
		"back to nothing":                {serving(canary, nil, "1", "1"), 50, false},
		"more percents":                  {serving(canary, 10, "2", "1"), 50, true},
		"fewer":                          {serving(canary, 50, "2", "1"), 0, true},
		"from nothing":                   {serving(canary, 0, "2", "1"), 10, true},
		"a candidate for another":        {serving("kit://other", 10, "2", "1"), 10, true},
		"a candidate became the stable":  {serving(stable, 10, "2", "1"), 10, false},
		"promoted":                       {serving(canary, 10, "2", "1"), nil, true},
		"an old style object":            {tree{"spec": tree{"predictor": tree{"sklearn": tree{}}}}, 10, false},
	} {
		spec := serving(canary, tt.percent)["spec"].(tree)
		got := refusalOf(t, m, spec, tt.old)
		if (got == "") != tt.allowed || got != "" && !strings.HasPrefix(got, "the stable version must be rolled out before its canary comes") {
			t.Errorf("%s: refused by %q, want allowed: %v", name, got, tt.allowed)
		}
	}
}
