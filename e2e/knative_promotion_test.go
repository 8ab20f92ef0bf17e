package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKnativePromotion: in Knative mode KServe copies what stands in an
// InferenceService's metadata to the revision's template, so that any change makes
// a revision of its own. From its first percent to its promotion a canary changes
// in nothing but the percentage.
func TestKnativePromotion(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := directory(t, w.platform(t), nil)
	model := func(tag, run string) spec {
		return spec{"model": w.uri("kit://", "models/fraud:"+tag), "provenance": map[string]any{"training-run-id": run}}
	}
	canary := func(weight int) spec {
		stable, beside := model("v7", "8f2c"), model("v8", "9a01")
		beside["weight"] = weight
		stable["canary"] = beside
		return stable
	}
	var first object
	for _, step := range []struct {
		name    string
		spec    spec
		percent any
	}{
		{"the first percents", canary(10), 10.0},
		{"half of them", canary(50), 50.0},
		{"promoted", model("v8", "9a01"), nil},
	} {
		deploy(t, app, "fraud", step.spec)
		w.lock(t, app)
		service := parseObjects(t, stdout(t, w.run(t, app, "build")))["InferenceService ml-serving/fraud"]
		if service == nil {
			t.Fatalf("%s: no InferenceService is rendered", step.name)
		}
		predictor := service["spec"].(map[string]any)["predictor"].(map[string]any)
		if got := predictor["canaryTrafficPercent"]; got != step.percent {
			t.Errorf("%s: %v percent, want %v", step.name, got, step.percent)
		}
		delete(predictor, "canaryTrafficPercent")
		if first == nil {
			first = service
		}
		if diff := cmp.Diff(first, service); diff != "" {
			t.Errorf("%s: -at first, +now:\n%s", step.name, diff)
		}
	}
}
