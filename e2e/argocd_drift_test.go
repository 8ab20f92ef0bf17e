package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// controller is Argo CD's, with access to a cluster.
func controller(t *testing.T, c *cluster.Cluster) host.AppJudge {
	t.Helper()
	kubeconfig, err := c.Kubeconfig()
	if err != nil {
		t.Fatal(err)
	}
	return host.AppJudge{Kubeconfig: kubeconfig}
}

// driftCases are golden cases that have among them each kind that is rendered and the
// fields that versions of a model can set, in each mode.
var driftCases = []string{
	"canary-legacy-bundle", "grpc-knative", "images-canary", "knative-scale-cpu", "platform-defaults", "predictor-fields", "predictor-told", "two-deployments",
	"standard-agent", "standard-canary", "standard-grpc-canary", "standard-match", "standard-scale-keda", "standard-shadow", "standard-told-vllm", "standard-transformer",
	"llm-canary", "llm-everything", "llm-scaling",
	"attested-kyverno", "classic-attested", "key-kinds", "keyless", "llm-kyverno-everything",
	"admission-policy-standard", "gatekeeper-standard", "scope-platform", "scope-platform-admission",
}

// TestNoDrift: each object that is rendered, applied as Argo CD does and after
// KServe's webhooks and managers are done with it, is in sync by Argo CD's own
// comparison, without any ignoreDifferences; and so is the baseline, whose application
// has Argo CD apply it on the server's side.
func TestNoDrift(t *testing.T) {
	c := kserve.Get(t)
	prepare(t, c)
	constraintKinds(t, c)
	judge := controller(t, c)
	models, missing := &drifting{cluster: c, judge: judge}, renderedKinds(t)
	for _, name := range driftCases {
		models.add(t, name, parse(t, read(t, "../testdata/"+name+"/expected.yaml")))
	}
	for _, o := range models.objects {
		delete(missing, o.GroupVersionKind().GroupKind())
	}
	if len(missing) > 0 {
		t.Errorf("not judged: %v", missing)
	}
	models.wantInSync(t)

	judge.ServerSide = true
	platform := &drifting{cluster: c, judge: judge}
	platform.add(t, "baseline", baseline(t, map[string]any{"resources": map[string]any{"requests": map[string]any{"cpu": "0.1"}, "limits": map[string]any{"memory": "1024Mi"}}}))
	platform.add(t, "baseline of scope Platform", baselineOf(t, read(t, "../testdata/scope-platform/platform.yaml")))
	platform.add(t, "baseline of Gatekeeper", parse(t, gatekeeperBaseline(t, readAdmission(t).Platforms["standard"], "Deny")))
	platform.wantInSync(t)
}

// TestRepoServerNoDrift: what Argo CD has of a Git URL is in sync once it is applied.
func TestRepoServerNoDrift(t *testing.T) {
	w := named(t)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	r := newRepository(t, w, read(t, filepath.Join(app, "platform.yaml")), nil)
	r.add(t, "prod", app)
	r.commit(t)
	c := kserve.Get(t)
	prepare(t, c)
	d := &drifting{cluster: c, judge: controller(t, c)}
	d.add(t, "prod", parse(t, stdout(t, r.manifests(t, "prod"))))
	d.wantInSync(t)
}

// drifting are objects that may, each in a place of its own.
type drifting struct {
	cluster *cluster.Cluster
	judge   host.AppJudge
	cases   []string
	objects []*cluster.Object
}

func (d *drifting) add(t *testing.T, name string, objects []*cluster.Object) {
	t.Helper()
	for _, o := range objects {
		d.cases = append(d.cases, name)
		d.objects = append(d.objects, placed(t, d.cluster, o, fmt.Sprintf("drift-%t-%d", d.judge.ServerSide, len(d.objects))))
		t.Cleanup(func() {
			if err := d.cluster.Delete(context.Background(), o); err != nil && !apierrors.IsNotFound(err) {
				t.Error(err)
			}
		})
	}
}

// compared applies them, and compares once KServe's managers have begun with each.
func (d *drifting) compared(t *testing.T) []host.Compared {
	t.Helper()
	d.judge.Apply(t, streamOf(t, d.objects))
	for _, o := range d.objects {
		settled(t, d.cluster, o)
	}
	all := d.judge.Diff(t, streamOf(t, d.objects))
	if len(all) != len(d.objects) {
		t.Fatalf("%d verdicts about %d objects", len(all), len(d.objects))
	}
	return all
}

func (d *drifting) wantInSync(t *testing.T) {
	t.Helper()
	for i, compared := range d.compared(t) {
		if compared.OutOfSync {
			t.Errorf("%s: %s is out of sync: -live, +after another sync:\n%s", d.cases[i], id(d.objects[i]), difference(t, compared))
		}
	}
	t.Logf("%d objects are in sync", len(d.objects))
}

// TestDriftIsSeen: what would keep an application out of sync for ever does so here,
// and without it the same object is in sync.
func TestDriftIsSeen(t *testing.T) {
	c := kserve.Get(t)
	d := &drifting{cluster: c, judge: controller(t, c)}
	traps := []struct{ name, trap, live string }{
		{"a mode by its old name", "deploymentMode: RawDeployment", `"Standard"`},
		{"the other mode by its old name", "deploymentMode: Serverless", `"Knative"`},
		{"the old way to write a predictor", `sklearn: {storageUri: "s3://models/fraud"}`, `"model"`},
		{"a quantity that is not canonical", `cpu: 1000m`, `"1"`},
		{"another", `memory: 2048Mi`, `"2Gi"`},
		{"no labels, said", "labels: {}", `"labels"`},
	}
	for _, tt := range traps {
		d.add(t, tt.name, parse(t, serviceToSpoil))
		d.add(t, tt.name, parse(t, spoiled(t, tt.trap)))
	}
	all := d.compared(t)
	for i, tt := range traps {
		if all[2*i].OutOfSync {
			t.Errorf("%s: without it, out of sync:\n%s", tt.name, difference(t, all[2*i]))
		}
		if diff := difference(t, all[2*i+1]); !all[2*i+1].OutOfSync || !strings.Contains(diff, tt.live) {
			t.Errorf("%s: out of sync: %t; want %s in:\n%s", tt.name, all[2*i+1].OutOfSync, tt.live, diff)
		}
	}
}

// TestChangeIsSeen: what somebody changes in the cluster is out of sync, what is added
// to it is not, but in a list.
func TestChangeIsSeen(t *testing.T) {
	c := kserve.Get(t)
	d := &drifting{cluster: c, judge: controller(t, c)}
	changes := []struct {
		name      string
		outOfSync bool
		path      []string
		value     any
	}{
		{"another model", true, []string{"spec", "predictor", "model", "storageUri"}, "s3://models/evil"},
		{"one more variable", true, []string{"spec", "predictor", "model", "env"}, []any{map[string]any{"name": "A", "value": "b"}, map[string]any{"name": "B", "value": "c"}}},
		{"an annotation", false, []string{"metadata", "annotations", "example.com/seen"}, "yes"},
		{"a field that nobody asked for", false, []string{"spec", "predictor", "timeout"}, int64(30)},
	}
	for _, tt := range changes {
		d.add(t, tt.name, parse(t, serviceToSpoil))
	}
	for i, compared := range d.compared(t) {
		if compared.OutOfSync {
			t.Fatalf("out of sync before the change:\n%s", difference(t, compared))
		}
		err := cluster.Until(t.Context(), func() error { // KServe's manager writes too
			live, err := c.Get(t.Context(), d.objects[i])
			if err != nil {
				return err
			}
			if err := unstructured.SetNestedField(live.Object, changes[i].value, changes[i].path...); err != nil {
				return err
			}
			_, err = c.Update(t.Context(), live)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, compared := range d.judge.Diff(t, streamOf(t, d.objects)) {
		if compared.OutOfSync != changes[i].outOfSync {
			t.Errorf("%s: out of sync: %t:\n%s", changes[i].name, compared.OutOfSync, difference(t, compared))
		}
	}
}

const serviceToSpoil = `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: fraud
  labels: {team: fraud}
  annotations:
    serving.kserve.io/deploymentMode: Standard
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/fraud
      env: [{name: A, value: b}]
      resources:
        limits:
          cpu: "1"
          memory: 2Gi
`

// spoiled is serviceToSpoil with a line in place of the one that begins as it does.
func spoiled(t *testing.T, line string) string {
	t.Helper()
	key, _, _ := strings.Cut(line, ":")
	if key == "sklearn" {
		before, _, _ := strings.Cut(serviceToSpoil, "    model:")
		return before + "    " + line + "\n"
	}
	old := regexp.MustCompile(`(?m)([a-z.]*/)?` + key + `:.*$`)
	if !old.MatchString(serviceToSpoil) {
		t.Fatalf("no line of %s", key)
	}
	return old.ReplaceAllString(serviceToSpoil, "${1}"+line)
}

// placed gives an object a place: a namespace, or a name that no other has.
func placed(t *testing.T, c *cluster.Cluster, o *cluster.Object, place string) *cluster.Object {
	t.Helper()
	switch {
	case o.GroupVersionKind().Group == "templates.gatekeeper.sh": // named as its kind
	case ofCluster[o.GroupVersionKind().GroupKind()] || o.GroupVersionKind().Group == "constraints.gatekeeper.sh":
		o.SetName(o.GetName() + "-" + place)
		o.SetNamespace("")
		if o.GetKind() == "ValidatingAdmissionPolicyBinding" {
			// In force it would judge what comes after it.
			if err := unstructured.SetNestedField(o.Object, "nobody", "spec", "policyName"); err != nil {
				t.Fatal(err)
			}
		}
	default:
		o.SetNamespace(place)
		home(t, c, o)
	}
	return o
}

// ofCluster are rendered kinds that no namespace has.
var ofCluster = map[schema.GroupKind]bool{
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}:        true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"}: true,
	{Group: "serving.kserve.io", Kind: "ClusterStorageContainer"}:                     true,
	{Group: "policies.kyverno.io", Kind: "ImageValidatingPolicy"}:                     true,
}

// settled waits until KServe's manager has begun with an object: it puts its finalizer
// on it.
func settled(t *testing.T, c *cluster.Cluster, o *cluster.Object) {
	t.Helper()
	if o.GroupVersionKind().Group != "serving.kserve.io" || o.GetKind() == "ClusterStorageContainer" {
		return
	}
	_, err := c.Await(t.Context(), o, func(live *cluster.Object) error {
		if len(live.GetFinalizers()) == 0 {
			return errors.New("no finalizer")
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
}

// streamOf writes objects as a stream of documents.
func streamOf(t *testing.T, objects []*cluster.Object) string {
	t.Helper()
	var stream strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&stream, "---\n%s", toYAML(t, o.Object))
	}
	return stream.String()
}

// difference is what Argo CD shows of an object that is out of sync.
func difference(t *testing.T, compared host.Compared) string {
	t.Helper()
	var live, predicted map[string]any
	for content, into := range map[*json.RawMessage]*map[string]any{&compared.Live: &live, &compared.Predicted: &predicted} {
		if err := json.Unmarshal(*content, into); err != nil {
			t.Fatal(err)
		}
	}
	return cmp.Diff(live, predicted)
}
