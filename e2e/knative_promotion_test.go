package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// percent is what the API server has of an InferenceService: where a canary is,
// its share.
type percent struct {
	name string
	spec spec
	// share is nil where there is no canary: KServe then serves the latest alone.
	share any
}

// TestKnativePromotion: in Knative mode KServe copies what stands in an
// InferenceService's metadata to the revision's template, so that any change makes
// a revision of its own. From its first percent to its promotion a canary changes
// in nothing but the percentage.
func TestKnativePromotion(t *testing.T) {
	d := newKnativeDelivery(t, "knative-promotion")
	_, _, with, only := d.fraudVersions(t)
	all := d.percents(t, []percent{
		{"alone", only("v7"), nil},
		{"10 %", with(10), int64(10)},
		{"50 %", with(50), int64(50)},
		{"promoted", only("v8"), nil},
	})
	if diff := cmp.Diff(all[1], all[2]); diff != "" {
		t.Errorf("-at 10 %%, +at 50 %%:\n%s", diff)
	}
	if diff := cmp.Diff(all[1], all[3]); diff != "" {
		t.Errorf("-at 10 %%, +promoted:\n%s", diff)
	}
	if cmp.Equal(all[0], all[1]) {
		t.Error("the canary is what was there before it")
	}
}

// TestKnativeRollback: a canary ends through 0 %, by which KServe goes back to the
// revision before it; then the InferenceService is what it was at first.
func TestKnativeRollback(t *testing.T) {
	d := newKnativeDelivery(t, "knative-rollback")
	_, _, with, only := d.fraudVersions(t)
	all := d.percents(t, []percent{
		{"alone", only("v7"), nil},
		{"10 %", with(10), int64(10)},
		{"rolled back", with(0), int64(0)},
		{"removed", only("v7"), nil},
	})
	if diff := cmp.Diff(all[1], all[2]); diff != "" {
		t.Errorf("-at 10 %%, +rolled back:\n%s", diff)
	}
	if diff := cmp.Diff(all[0], all[3]); diff != "" {
		t.Errorf("-before, +after the canary:\n%s", diff)
	}
}

// percents takes the steps one by one. It is the same object all along, and has
// the percentage of each; what else the API server has of it is returned.
func (d *delivery) percents(t *testing.T, steps []percent) []map[string]any {
	t.Helper()
	var out []map[string]any
	var first *cluster.Object
	for _, step := range steps {
		deploy(t, d.app, "fraud", step.spec)
		d.step(t)
		service := d.live(t, "InferenceService fraud")
		if first == nil {
			first = service
		}
		if service.GetUID() != first.GetUID() {
			t.Errorf("%s: another object than before", step.name)
		}
		predictor := fieldOf[map[string]any](t, service.Object, "spec", "predictor")
		if got := predictor["canaryTrafficPercent"]; got != step.share {
			t.Errorf("%s: %v percent, want %v", step.name, got, step.share)
		}
		delete(predictor, "canaryTrafficPercent")
		out = append(out, content(service))
	}
	return out
}
