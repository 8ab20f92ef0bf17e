package e2e_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// backend is where a route sends a share of the requests.
type backend struct {
	name         string
	port, weight int64
}

// backends of all rules of a route, and what it mirrors to.
func backends(t *testing.T, route *cluster.Object) []backend {
	t.Helper()
	var out []backend
	for _, rule := range fieldOf[[]any](t, route.Object, "spec", "rules") {
		rule := rule.(map[string]any)
		for _, to := range fieldOf[[]any](t, rule, "backendRefs") {
			out = append(out, backendOf(t, to.(map[string]any)))
		}
		filters, _, err := unstructured.NestedSlice(rule, "filters")
		if err != nil {
			t.Fatal(err)
		}
		for _, filter := range filters {
			if to, ok, _ := unstructured.NestedMap(filter.(map[string]any), "requestMirror", "backendRef"); ok {
				out = append(out, backendOf(t, to))
			}
		}
	}
	return out
}

func backendOf(t *testing.T, to map[string]any) backend {
	t.Helper()
	if to["kind"] != "Service" || to["group"] != "" || to["namespace"] != nil {
		t.Errorf("%v is no Service beside the route", to)
	}
	weight, _ := to["weight"].(int64) // what gets copies has none
	return backend{fieldOf[string](t, to, "name"), fieldOf[int64](t, to, "port"), weight}
}

// routed: each backend of a route is a Service that the manager has made, and has
// the port.
func routed(t *testing.T, c *cluster.Cluster, route *cluster.Object) {
	t.Helper()
	all := backends(t, route)
	if len(all) == 0 {
		t.Errorf("%s leads nowhere", id(route))
	}
	for _, to := range all {
		service := made(t, c, beside(route, to.name), "v1", "Service", "")
		ports := fieldOf[[]any](t, service.Object, "spec", "ports")
		if !slices.ContainsFunc(ports, func(p any) bool { return p.(map[string]any)["port"] == to.port }) {
			t.Errorf("%s: no port %d in %v", id(service), to.port, ports)
		}
	}
}

// addressed: the Service under the deployment's name finds the pods of the version
// in front, at the port where KServe's own Service finds them.
func addressed(t *testing.T, c *cluster.Cluster, address *cluster.Object, version, front string) {
	t.Helper()
	at := beside(address, version)
	theirs := made(t, c, at, "v1", "Service", "-"+front)
	pods := fieldOf[map[string]any](t, made(t, c, at, "apps/v1", "Deployment", "-"+front).Object, "spec", "template", "metadata", "labels")
	selector := fieldOf[map[string]any](t, address.Object, "spec", "selector")
	for label, value := range selector {
		if pods[label] != value {
			t.Errorf("%s looks for pods with %s=%v; those of %s have %v", id(address), label, value, version, pods)
		}
	}
	if diff := cmp.Diff(fieldOf[map[string]any](t, theirs.Object, "spec", "selector"), selector); diff != "" {
		t.Errorf("selector: -KServe's, +ours:\n%s", diff)
	}
	if diff := cmp.Diff(targets(t, theirs), targets(t, address)); diff != "" {
		t.Errorf("ports: -KServe's, +ours:\n%s", diff)
	}
}

// targets are a Service's ports: where they lead to, and what is spoken there.
func targets(t *testing.T, service *cluster.Object) map[any]any {
	t.Helper()
	out := map[any]any{}
	for _, port := range fieldOf[[]any](t, service.Object, "spec", "ports") {
		port := port.(map[string]any)
		out[port["port"]] = []any{port["targetPort"], port["appProtocol"]}
	}
	return out
}

// beside is the name of another object in an object's namespace.
func beside(o *cluster.Object, name string) *cluster.Object {
	var other cluster.Object
	other.SetNamespace(o.GetNamespace())
	other.SetName(name)
	return &other
}

// fieldOf is a field that must be there.
func fieldOf[T any](t *testing.T, o map[string]any, path ...string) T {
	t.Helper()
	value, _, err := unstructured.NestedFieldNoCopy(o, path...)
	typed, ok := value.(T)
	if err != nil || !ok {
		t.Fatalf("%v is %v (%v)", path, value, err)
	}
	return typed
}
