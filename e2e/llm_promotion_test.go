package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// llmDelivery is a delivery of a large language model.
type llmDelivery struct{ *delivery }

func newLLMDelivery(t *testing.T, namespace string) llmDelivery {
	t.Helper()
	d := llmDelivery{newDelivery(t, namespace)}
	d.platformWith(t, func(_, spec map[string]any) { spec["policy"] = map[string]any{"engine": "None"} })
	// A gateway as its controller would leave it, which does not run.
	for _, o := range parse(t, read(t, "testdata/llm/gateway.yaml")) {
		home(t, d.cluster, o)
		if _, err := d.cluster.Apply(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if err := d.cluster.SetStatus(t.Context(), o, `{"conditions":[`+condition("Accepted")+`,`+condition("Programmed")+`]}`); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func condition(kind string) string {
	return fmt.Sprintf(`{"type":%q,"status":"True","reason":%q,"message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}`, kind, kind)
}

// llama publishes and signs a version of the model.
func (d llmDelivery) llama(t *testing.T, tag string) name.Digest {
	t.Helper()
	digest, err := d.publisher.Modelcar(t.Context(), "models/llama:"+tag, publish.Modelcar{Files: map[string][]byte{"weights": []byte(tag)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.publisher.SignBundle(t.Context(), d.key, digest); err != nil {
		t.Fatal(err)
	}
	return digest
}

// apply locks, renders and applies; what is not rendered any more is left for
// prune, as Argo CD does with PruneLast.
func (d llmDelivery) apply(t *testing.T) (gone []*cluster.Object) {
	t.Helper()
	d.lock(t, d.app)
	rendered := map[string]*cluster.Object{}
	for _, o := range parse(t, stdout(t, d.run(t, d.app, "build"))) {
		o.SetNamespace(d.namespace)
		home(t, d.cluster, o)
		if _, err := d.cluster.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		rendered[o.GetKind()+" "+o.GetName()] = o
	}
	for name, o := range d.applied {
		if rendered[name] == nil {
			gone = append(gone, o)
		}
	}
	d.applied = rendered
	return gone
}

// ready stands in for the controllers of Deployments and gateways: the pods run,
// and the route is accepted.
func (d llmDelivery) ready(t *testing.T, version string) {
	t.Helper()
	service := d.live(t, "LLMInferenceService "+version)
	const available = `{"replicas":1,"readyReplicas":1,"availableReplicas":1,"updatedReplicas":1,"conditions":[` +
		`{"type":"Available","status":"True"},{"type":"Progressing","status":"True"}]}`
	if err := d.cluster.SetStatus(t.Context(), made(t, d.cluster, service, "apps/v1", "Deployment", "-kserve"), available); err != nil {
		t.Fatal(err)
	}
	route := made(t, d.cluster, service, "gateway.networking.k8s.io/v1", "HTTPRoute", "-kserve-route")
	accepted := `{"parents":[{"controllerName":"example.com/gateway","parentRef":{"group":"gateway.networking.k8s.io","kind":"Gateway",` +
		`"namespace":"kserve","name":"kserve-ingress-gateway"},"conditions":[` + condition("Accepted") + "," + condition("ResolvedRefs") + `]}]}`
	if err := d.cluster.SetStatus(t.Context(), route, accepted); err != nil {
		t.Fatal(err)
	}
}

// leads awaits that the routes of all versions lead what asks for the model by its
// name to these versions, by these weights.
func (d llmDelivery) leads(t *testing.T, weights map[string]int64) {
	t.Helper()
	for version := range weights {
		route := made(t, d.cluster, d.live(t, "LLMInferenceService "+version), "gateway.networking.k8s.io/v1", "HTTPRoute", "-kserve-route")
		if _, err := d.cluster.Await(t.Context(), route, func(now *cluster.Object) error {
			for _, rule := range []string{"v1-completions-publisher-path", "v1-model-routing", "v1-publisher-path-catch-all"} {
				got, err := backendsOfRule(now, rule)
				if err != nil {
					return err
				}
				if diff := cmp.Diff(weights, got); diff != "" {
					return fmt.Errorf("%s: -want, +got:\n%s", rule, diff)
				}
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", id(route), err)
		}
	}
}

// backendsOfRule are the versions that a rule of KServe's route leads to.
func backendsOfRule(route *cluster.Object, name string) (map[string]int64, error) {
	rules, _, err := unstructured.NestedSlice(route.Object, "spec", "rules")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rules, func(r any) bool { return r.(map[string]any)["name"] == name })
	if i < 0 {
		return nil, errors.New("there is no rule " + name)
	}
	out := map[string]int64{}
	to, _, err := unstructured.NestedSlice(rules[i].(map[string]any), "backendRefs")
	for _, one := range to {
		b := one.(map[string]any)
		out[strings.TrimSuffix(b["name"].(string), "-kserve-workload-svc")], _ = b["weight"].(int64)
	}
	return out, err
}

// TestLLMPromotion: a canary of a large language model takes over. What serves it
// is the same object all along, with the same pods, and asking for the model by
// its name leads to where Git says at each step.
func TestLLMPromotion(t *testing.T) {
	d := newLLMDelivery(t, "llm-promotion")
	v1, v2 := d.llama(t, "v1"), d.llama(t, "v2")
	versionOf := func(digest name.Digest) string { return "assistant-" + digest.DigestStr()[len("sha256:"):][:8] }
	stable, canary := versionOf(v1), versionOf(v2)
	with := func(tag string, more spec) spec {
		out := spec{"model": d.uri("oci://", "models/llama:"+tag), "llm": map[string]any{"name": "meta/llama"}}
		for key, value := range more {
			out[key] = value
		}
		return out
	}
	candidate := func(weight int) spec {
		return with("v1", spec{"canary": map[string]any{"model": d.uri("oci://", "models/llama:v2"), "weight": weight}})
	}
	var uid, pods any
	for i, step := range []struct {
		spec    spec
		weights map[string]int64
	}{
		{candidate(10), map[string]int64{stable: 90, canary: 10}},
		{candidate(50), map[string]int64{stable: 50, canary: 50}},
		{with("v2", nil), map[string]int64{canary: 100}},
	} {
		deploy(t, d.app, "assistant", step.spec)
		gone := d.apply(t)
		for version := range step.weights {
			d.ready(t, version)
		}
		for _, o := range gone {
			d.remove(t, o)
		}
		d.leads(t, step.weights)
		service := d.live(t, "LLMInferenceService "+canary)
		template := fieldOf[map[string]any](t, made(t, d.cluster, service, "apps/v1", "Deployment", "-kserve").Object, "spec", "template")
		if i == 0 {
			uid, pods = service.GetUID(), template
		}
		if service.GetUID() != uid {
			t.Errorf("step %d: another object serves the version", i)
		}
		if diff := cmp.Diff(pods, any(template)); diff != "" {
			t.Errorf("step %d: pods: -at first, +now:\n%s", i, diff)
		}
	}
}
