package e2e_test

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const available = `{"replicas":1,"readyReplicas":1,"availableReplicas":1,"updatedReplicas":1,
	"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True"}]}`

// TestStandardVisibility: with the label that is rendered, KServe makes no route
// of its own to a version, and yet the Service that the rendered route leads to.
// Who removes the label gets the routes; who adds it later keeps them.
func TestStandardVisibility(t *testing.T) {
	c := kserve.Get(t)
	objects := parse(t, read(t, "../testdata/standard-explainer-shadow/expected.yaml"))
	s := ofKind(objects, "InferenceService")[fraudV7]
	enter(t, c, "visibility", []*cluster.Object{s})
	prepare(t, c)
	suffixes := []string{"-predictor", "-transformer", "-explainer"}
	for _, suffix := range suffixes {
		if err := c.SetStatus(t.Context(), made(t, c, s, "apps/v1", "Deployment", suffix), available); err != nil {
			t.Fatal(err)
		}
	}
	// KServe looks at routes last.
	if _, err := c.Await(t.Context(), s, ingressReady); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range append(suffixes, "") {
		if o := routeOf(s, suffix); exists(t, c, o) {
			t.Errorf("%s is there", id(o))
		}
	}
	for _, suffix := range suffixes {
		made(t, c, s, "v1", "Service", suffix)
	}

	open := s.DeepCopy()
	labels := open.GetLabels()
	delete(labels, "networking.kserve.io/visibility")
	open.SetLabels(labels)
	if _, err := c.Apply(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range append(suffixes, "") {
		made(t, c, s, "gateway.networking.k8s.io/v1", "HTTPRoute", suffix)
	}

	if _, err := c.Apply(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Await(t.Context(), s, ingressReady); err != nil {
		t.Fatal(err)
	}
	if o := routeOf(s, ""); !exists(t, c, o) {
		t.Errorf("%s is gone: KServe cleans up by now, and the documentation need not ask for it", id(o))
	}
}

// ingressReady awaits that KServe has nothing more to do about routes.
func ingressReady(o *cluster.Object) error {
	all, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
	if err != nil {
		return err
	}
	for _, one := range all {
		if c, ok := one.(map[string]any); ok && c["type"] == "IngressReady" && c["status"] == "True" {
			return nil
		}
	}
	return fmt.Errorf("not ready: %v", all)
}

// routeOf is the route that KServe would make for a service.
func routeOf(service *cluster.Object, suffix string) *cluster.Object {
	o := beside(service, service.GetName()+suffix)
	o.SetAPIVersion("gateway.networking.k8s.io/v1")
	o.SetKind("HTTPRoute")
	return o
}

func exists(t *testing.T, c *cluster.Cluster, o *cluster.Object) bool {
	t.Helper()
	all, err := c.List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range all {
		if other.GetNamespace() == o.GetNamespace() && other.GetName() == o.GetName() {
			return true
		}
	}
	return false
}
