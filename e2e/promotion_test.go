package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// fraud is a version's fields.
func (d *delivery) fraud(tag, run string, more spec) spec {
	out := spec{"model": d.uri("kit://", "models/fraud:"+tag), "provenance": map[string]any{"training-run-id": run}}
	maps.Copy(out, more)
	return out
}

// versionName names the object of a version.
func versionName(digest name.Digest) string {
	return "fraud-" + digest.DigestStr()[len("sha256:"):][:8]
}

// rolloutStep is one commit, and what is to be in the cluster after it.
type rolloutStep struct {
	name    string
	spec    spec
	weights map[string]int64
	// stable answers under the deployment's own name.
	stable string
	// replicas of the version that is watched, at least.
	replicas int64
}

// rollOut takes the steps one by one. One version is watched from the first to the
// last: what serves it is the same object all along, and its pods are never
// started anew. Nor is any other while it is there.
func (d *delivery) rollOut(t *testing.T, watched string, steps []rolloutStep) {
	t.Helper()
	var first seen
	uids := map[string]types.UID{}
	for i, step := range steps {
		deploy(t, d.app, "fraud", step.spec)
		d.step(t)
		if diff := cmp.Diff(step.weights, d.weights(t)); diff != "" {
			t.Errorf("%s: weights: -want, +got:\n%s", step.name, diff)
		}
		names := map[string]bool{}
		for version := range step.weights {
			names[version] = true
			uid := d.live(t, "InferenceService "+version).GetUID()
			if uids[version] != "" && uids[version] != uid {
				t.Errorf("%s: %s is another object than before", step.name, version)
			}
			uids[version] = uid
		}
		if diff := cmp.Diff(names, d.versions()); diff != "" {
			t.Errorf("%s: versions: -want, +got:\n%s", step.name, diff)
		}
		addressed(t, d.cluster, d.live(t, "Service fraud"), step.stable, "predictor")
		now := d.see(t, watched, step.replicas)
		if i == 0 {
			first = now
		}
		if diff := cmp.Diff(first, now); diff != "" {
			t.Errorf("%s: what was to stay: -at first, +now:\n%s", step.name, diff)
		}
	}
}

// TestStandardPromotion: a canary takes over, 10 % at first and everything in the
// end.
func TestStandardPromotion(t *testing.T) {
	d := newDelivery(t, "promotion")
	stable, canary, with, only := d.fraudVersions(t)
	d.rollOut(t, canary, []rolloutStep{
		{"10 %", with(10), map[string]int64{stable: 90, canary: 10}, stable, 1},
		{"50 %", with(50), map[string]int64{stable: 50, canary: 50}, stable, 2},
		{"promoted", only("v8"), map[string]int64{canary: 100}, canary, 4},
	})
}

// TestStandardRollback: a canary gets less, nothing, and goes; the stable version
// does not notice.
func TestStandardRollback(t *testing.T) {
	d := newDelivery(t, "rollback")
	stable, canary, with, only := d.fraudVersions(t)
	d.rollOut(t, stable, []rolloutStep{
		{"alone", only("v7"), map[string]int64{stable: 100}, stable, 4},
		{"10 %", with(10), map[string]int64{stable: 90, canary: 10}, stable, 4},
		{"50 %", with(50), map[string]int64{stable: 50, canary: 50}, stable, 4},
		{"rolled back", with(0), map[string]int64{stable: 100, canary: 0}, stable, 4},
		{"removed", only("v7"), map[string]int64{stable: 100}, stable, 4},
	})
}

// fraudVersions publishes two versions: their names, a spec with the second as
// canary, and one with either alone.
func (d *delivery) fraudVersions(t *testing.T) (stable, canary string, with func(weight int) spec, only func(tag string) spec) {
	t.Helper()
	v7, v8 := d.signed(t)
	runs := map[string]string{"v7": "8f2c", "v8": "9a01"}
	only = func(tag string) spec {
		return d.fraud(tag, runs[tag], spec{"replicas": map[string]any{"min": 4, "max": 8}})
	}
	with = func(weight int) spec {
		out := only("v7")
		out["canary"] = d.fraud("v8", runs["v8"], spec{"weight": weight})
		return out
	}
	return versionName(v7), versionName(v8), with, only
}

// seen is what must stay while versions come and go.
type seen struct {
	UID, DeploymentUID, RouteUID types.UID
	Address                      string
	Pods                         map[string]any
}

// see waits until the manager has acted upon a version's new bounds, the last that
// it does, and looks at what it has made.
func (d *delivery) see(t *testing.T, version string, replicas int64) seen {
	t.Helper()
	service := d.live(t, "InferenceService "+version)
	scaler := made(t, d.cluster, service, "autoscaling/v2", "HorizontalPodAutoscaler", "-predictor")
	if _, err := d.cluster.Await(t.Context(), scaler, hasMinimum(replicas)); err != nil {
		t.Errorf("%s: %v", id(scaler), err)
	}
	pods := deployment(t, d.cluster, service)
	return seen{
		UID: service.GetUID(), DeploymentUID: pods.GetUID(), RouteUID: d.live(t, "HTTPRoute fraud").GetUID(),
		Address: fieldOf[string](t, d.live(t, "Service fraud").Object, "spec", "clusterIP"),
		Pods:    fieldOf[map[string]any](t, pods.Object, "spec", "template"),
	}
}

// weights of the versions in the route, as the cluster has it.
func (d *delivery) weights(t *testing.T) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	for _, to := range backends(t, d.live(t, "HTTPRoute fraud")) {
		out[strings.TrimSuffix(to.name, "-predictor")] = to.weight
	}
	return out
}

// hasMinimum awaits what scales a version.
func hasMinimum(want int64) func(*cluster.Object) error {
	return func(scaler *cluster.Object) error {
		got, _, err := unstructured.NestedInt64(scaler.Object, "spec", "minReplicas")
		if err == nil && got != want {
			err = fmt.Errorf("at least %d pods, want %d", got, want)
		}
		return err
	}
}

// TestStandardNoRestart: neither another platform nor evidence that was fetched
// again changes an InferenceService, whose metadata KServe copies to the pods. The
// record beside them says that something has changed.
func TestStandardNoRestart(t *testing.T) {
	d := newDelivery(t, "no-restart")
	v7, v8 := d.signed(t)
	second, err := d.publisher.NewKey(t.Context(), "second")
	if err != nil {
		t.Fatal(err)
	}
	other := d.world
	other.key = second
	deploy(t, d.app, "fraud", d.fraud("v7", "8f2c", spec{"canary": d.fraud("v8", "9a01", spec{"weight": 10})}))
	d.step(t)
	before, pods := d.services(), d.see(t, versionName(v8), 1)
	for _, change := range []struct {
		name string
		do   func()
		says string
	}{
		{"another way to write the URI", func() {
			renamed := d.fraud("v7", "8f2c", spec{"canary": d.fraud("v8", "9a01", spec{"weight": 10})})
			renamed["model"] = "kit://" + v7.String()
			deploy(t, d.app, "fraud", renamed)
		}, "modelfn.dev/source"},
		{"another authority", func() { d.platformWith(t, alsoTrusting(t, other, 1)) }, "modelfn.dev/platform-digest"},
		{"evidence fetched again", func() {
			err := errors.Join(d.publisher.SignLegacy(t.Context(), second, v7), d.publisher.SignBundle(t.Context(), second, v8))
			if err != nil {
				t.Fatal(err)
			}
			d.platformWith(t, alsoTrusting(t, other, 2))
		}, "modelfn.dev/lock-digest"},
		{"attestations that confirm what was stated", func() {
			for digest, run := range map[name.Digest]string{v7: "8f2c", v8: "9a01"} {
				if err := d.publisher.Attest(t.Context(), d.key, digest, runType, map[string]string{"run": run}); err != nil {
					t.Fatal(err)
				}
			}
			d.platformWith(t, demandingRuns)
		}, "modelfn.dev/unsigned-provenance"},
	} {
		was := d.recorded(change.says)
		change.do()
		d.step(t)
		if diff := cmp.Diff(before, d.services()); diff != "" {
			t.Errorf("%s: InferenceServices: -before, +after:\n%s", change.name, diff)
		}
		if diff := cmp.Diff(pods, d.see(t, versionName(v8), 1)); diff != "" {
			t.Errorf("%s: -before, +after:\n%s", change.name, diff)
		}
		if is := d.recorded(change.says); is == was {
			t.Errorf("%s: %s is still %q", change.name, change.says, is)
		}
	}
}

// platformWith rewrites the platform with another rule and other settings.
func (d *delivery) platformWith(t *testing.T, change func(rule, spec map[string]any)) {
	t.Helper()
	platform := inStandardMode(d.platform(t))
	spec := platform["spec"].(map[string]any)
	change(spec["trust"].([]any)[0].(map[string]any), spec)
	write(t, filepath.Join(d.app, "platform.yaml"), toYAML(t, platform))
}

// alsoTrusting adds an authority: so many of the two must have signed.
func alsoTrusting(t *testing.T, other world, threshold int) func(rule, spec map[string]any) {
	t.Helper()
	added := other.trusts(t)["authorities"].([]any)[0].(map[string]any)
	added["name"] = "second"
	return func(rule, _ map[string]any) {
		rule["authorities"] = append(rule["authorities"].([]any), added)
		rule["threshold"] = threshold
	}
}

// demandingRuns wants attestations that say which run trained a model.
func demandingRuns(rule, spec map[string]any) {
	rule["attestations"] = []any{map[string]any{
		"predicateType": runType, "authorities": []any{"release"}, "provenance": map[string]any{"training-run-id": "predicate.run"},
	}}
	spec["policy"] = map[string]any{"engine": "None"} // Kyverno compares nothing
}

const runType = "https://example.com/run/v1"

// recorded is an annotation of the deployment's record.
func (d *delivery) recorded(annotation string) string {
	return d.applied["ConfigMap modelfn-fraud"].GetAnnotations()[annotation]
}

// services are the InferenceServices that are rendered.
func (d *delivery) services() map[string]any {
	out := map[string]any{}
	for version := range d.versions() {
		out[version] = d.applied["InferenceService "+version].Object
	}
	return out
}
