package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const rolledOutFirst = "the stable version must be rolled out before its canary comes"

// found is what a cluster has of a model when a canary comes: what it serves, to
// how many percent, and KServe's revisions.
type found struct {
	serves                       string
	percent                      any
	created, rolled, previousOne string
}

// TestAPIServerJudgesCanaries puts what a policy says of updates, which Kyverno's
// CLI cannot make, before the real API server, as a policy of its own; and what the
// platform's policy of records says of the same.
func TestAPIServerJudgesCanaries(t *testing.T) {
	for name, enforce := range map[string]func(*testing.T, *cluster.Cluster, []*cluster.Object) []*cluster.Object{
		"canary-legacy-bundle": enforceOwn, "scope-platform-knative": enforceRecords,
	} {
		t.Run(name, func(t *testing.T) { judgeCanaries(t, name, enforce) })
	}
}

// judgeCanaries: enforce lets the API server judge canaries of a golden case by some
// policies.
func judgeCanaries(t *testing.T, golden string, enforce func(*testing.T, *cluster.Cluster, []*cluster.Object) []*cluster.Object) {
	c := bare.Get(t)
	namespace := "canaries-" + golden
	objects := parse(t, strings.ReplaceAll(read(t, "../testdata/"+golden+"/expected.yaml"), "ml-serving", namespace))
	rendered := ofKind(objects, "InferenceService")["fraud"]
	record := ofKind(objects, "ConfigMap")["modelfn-fraud"]
	stable, canary := fieldOf[string](t, record.Object, "data", "stable"), fieldOf[string](t, record.Object, "data", "canary")
	cases := canaryCases(stable, canary)
	for name, tt := range cases {
		if tt.before != nil {
			leave(t, c, canaryOf(t, rendered, name, tt.before.serves, tt.before.percent), *tt.before)
		}
	}
	policies := enforce(t, c, objects)
	defer removed(t, c, policies)
	probe := canaryOf(t, rendered, "probe", canary, int64(10))
	if err := cluster.Until(t.Context(), func() error {
		if _, err := c.DryRun(t.Context(), probe); err == nil || !strings.Contains(err.Error(), rolledOutFirst) {
			return fmt.Errorf("not refused yet: %w", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.DryRun(t.Context(), canaryOf(t, rendered, name, canary, tt.percent))
			if (err == nil) != tt.allowed || err != nil && !strings.Contains(err.Error(), rolledOutFirst) {
				t.Errorf("%v, want allowed: %v", err, tt.allowed)
			}
		})
	}

	// What is there can go, whatever the policy says of it.
	there := canaryOf(t, rendered, "synced-again", canary, int64(10))
	there.SetFinalizers([]string{"example.com/last"})
	for _, finalizers := range [][]string{{"example.com/last"}, nil} {
		there.SetFinalizers(finalizers)
		if _, err := c.Apply(t.Context(), there); err != nil {
			t.Errorf("finalizers %v: %v", finalizers, err)
		}
	}
	// KServe's webhook may add an annotation as the last finalizer goes.
	there.SetFinalizers([]string{"example.com/last"})
	if _, err := c.Apply(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	there.SetFinalizers(nil)
	annotations := there.GetAnnotations()
	annotations["example.com/added"] = "by a webhook"
	there.SetAnnotations(annotations)
	if _, err := c.Apply(t.Context(), there); err != nil {
		t.Errorf("the last finalizer and an annotation: %v", err)
	}
	if err := c.AwaitGone(t.Context(), there); err != nil {
		t.Error(err)
	}
}

// canaryCase is whether a canary may come, upon what.
type canaryCase struct {
	before  *found
	percent any
	allowed bool
}

func canaryCases(stable, canary string) map[string]canaryCase {
	return map[string]canaryCase{
		"created":              {nil, int64(10), false},
		"created-with-zero":    {nil, int64(0), false},
		"created-without":      {nil, nil, true},
		"beside-stable":        {&found{stable, nil, "a", "a", ""}, int64(10), true},
		"stable-not-ready":     {&found{stable, nil, "a", "", ""}, int64(10), false},
		"stable-not-rolled":    {&found{stable, nil, "b", "a", ""}, int64(10), false},
		"beside-another":       {&found{"kit://other", nil, "a", "a", ""}, int64(10), false},
		"back":                 {&found{canary, nil, "b", "b", "a"}, int64(50), true},
		"back-to-nothing":      {&found{canary, nil, "a", "a", ""}, int64(50), false},
		"more":                 {&found{canary, int64(1), "b", "a", ""}, int64(50), true},
		"another-candidate":    {&found{"kit://other", int64(10), "b", "a", ""}, int64(10), true},
		"candidate-was-stable": {&found{stable, int64(10), "b", "a", ""}, int64(10), false},
		"promoted":             {&found{canary, int64(10), "b", "a", ""}, nil, true},
		"synced-again":         {&found{canary, int64(10), "", "", ""}, int64(10), true}, // restored, and unchanged
	}
}

// canaryOf is the rendered InferenceService under another name, with another model
// and share.
func canaryOf(t *testing.T, rendered *cluster.Object, name, uri string, percent any) *cluster.Object {
	t.Helper()
	o := rendered.DeepCopy()
	o.SetName(name)
	unstructured.RemoveNestedField(o.Object, "spec", "predictor", "canaryTrafficPercent")
	err := unstructured.SetNestedField(o.Object, uri, "spec", "predictor", "model", "storageUri")
	if percent != nil && err == nil {
		err = unstructured.SetNestedField(o.Object, percent, "spec", "predictor", "canaryTrafficPercent")
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// leave leaves an object in a cluster, with the status that KServe gave it.
func leave(t *testing.T, c *cluster.Cluster, o *cluster.Object, f found) {
	t.Helper()
	home(t, c, o)
	if _, err := c.Apply(t.Context(), o); err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
	status := fmt.Sprintf(`{"components":{"predictor":{"latestCreatedRevision":%q,"latestRolledoutRevision":%q,"previousRolledoutRevision":%q}}}`,
		f.created, f.rolled, f.previousOne)
	if f.created == "" {
		return
	}
	if err := c.SetStatus(t.Context(), o, status); err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
}

// enforceOwn has the API server judge what the rendered Kyverno policy says of
// canaries.
func enforceOwn(t *testing.T, c *cluster.Cluster, objects []*cluster.Object) []*cluster.Object {
	t.Helper()
	theirs := ofKind(objects, "NamespacedImageValidatingPolicy")["modelfn-fraud"]
	var validations []any
	for _, v := range fieldOf[[]any](t, theirs.Object, "spec", "validations") {
		if strings.HasPrefix(fieldOf[string](t, v.(map[string]any), "message"), rolledOutFirst) {
			validations = append(validations, v)
		}
	}
	if len(validations) != 1 {
		t.Fatalf("%d validations say %q", len(validations), rolledOutFirst)
	}
	policy := &cluster.Object{Object: map[string]any{"spec": map[string]any{
		"failurePolicy":    "Fail",
		"matchConstraints": fieldOf[map[string]any](t, theirs.Object, "spec", "matchConstraints"),
		"matchConditions":  fieldOf[[]any](t, theirs.Object, "spec", "matchConditions"),
		"validations":      validations,
	}}}
	binding := &cluster.Object{Object: map[string]any{"spec": map[string]any{
		"policyName": "canaries", "validationActions": []any{"Deny"},
	}}}
	for kind, o := range map[string]*cluster.Object{"ValidatingAdmissionPolicy": policy, "ValidatingAdmissionPolicyBinding": binding} {
		o.SetAPIVersion("admissionregistration.k8s.io/v1")
		o.SetKind(kind)
		o.SetName("canaries")
	}
	return applied(t, c, policy, binding)
}

// enforceRecords has it judge by the platform's policy of records, and the one that
// was rendered.
func enforceRecords(t *testing.T, c *cluster.Cluster, objects []*cluster.Object) []*cluster.Object {
	t.Helper()
	keepParams(t, c)
	applied(t, c, ofKind(objects, "ConfigMap")["modelfn-fraud"])
	return applied(t, c, recordsPolicy(t, read(t, "../testdata/scope-platform-knative/platform.yaml"))...)
}

// recordsPolicy is the policy of records in a platform's baseline.
func recordsPolicy(t *testing.T, platform string) []*cluster.Object {
	t.Helper()
	var out []*cluster.Object
	for _, o := range baselineOf(t, platform) {
		if o.GetName() == "modelfn-records" {
			out = append(out, o)
		}
	}
	if len(out) != 2 {
		t.Fatalf("%d objects of the policy of records", len(out))
	}
	return out
}

func applied(t *testing.T, c *cluster.Cluster, objects ...*cluster.Object) []*cluster.Object {
	t.Helper()
	for _, o := range objects {
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
	}
	return objects
}

func removed(t *testing.T, c *cluster.Cluster, objects []*cluster.Object) {
	t.Helper()
	for _, o := range objects {
		if err := c.Delete(t.Context(), o); err != nil {
			t.Error(err)
		}
	}
}
