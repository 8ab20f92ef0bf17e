package e2e_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// fraudModel is the model that testdata/standard/service.yaml serves.
const fraudModel = "registry.example.com/models/fraud@sha256:3f9a1c2e5f0ff1c2ac3f1f6b6a0b1c8f4d8e2d3c4b5a69788796a5b4c3d2e1f0"

// settings are fields of spec.predictor.model.
type settings map[string]any

// service applies the version of testdata/standard with other settings, in a
// namespace of its own.
func service(t *testing.T, c *cluster.Cluster, namespace string, model settings) *cluster.Object {
	t.Helper()
	prepare(t, c)
	o := one(t, "standard/service.yaml")
	o.SetNamespace(namespace)
	for field, value := range model {
		if err := unstructured.SetNestedField(o.Object, value, "spec", "predictor", "model", field); err != nil {
			t.Fatal(err)
		}
	}
	home(t, c, o)
	if _, err := c.Apply(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return o
}

// made awaits what the manager makes for a service, by kind and name.
func made(t *testing.T, c *cluster.Cluster, service *cluster.Object, apiVersion, kind, suffix string) *cluster.Object {
	t.Helper()
	var o cluster.Object
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(service.GetNamespace())
	o.SetName(service.GetName() + suffix)
	got, err := c.Await(t.Context(), &o, cluster.Exists)
	if err != nil {
		t.Fatalf("%s: %v", id(&o), err)
	}
	return got
}

// deployment awaits the Deployment of a service.
func deployment(t *testing.T, c *cluster.Cluster, service *cluster.Object) *cluster.Object {
	t.Helper()
	return made(t, c, service, "apps/v1", "Deployment", "-predictor")
}

// pod is what a Deployment's pods would be: KServe's webhook adds the model when
// a pod is created, and not before.
func pod(t *testing.T, c *cluster.Cluster, deployment *cluster.Object) *cluster.Object {
	t.Helper()
	created, err := c.CreateDry(t.Context(), podOf(t, deployment))
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// podOf is a pod as a Deployment's controller would create it.
func podOf(t *testing.T, deployment *cluster.Object) *cluster.Object {
	t.Helper()
	template, found, err := unstructured.NestedMap(deployment.Object, "spec", "template")
	if err != nil || !found {
		t.Fatalf("%s: no template (%v)", id(deployment), err)
	}
	p := &cluster.Object{Object: template}
	p.SetAPIVersion("v1")
	p.SetKind("Pod")
	p.SetNamespace(deployment.GetNamespace())
	p.SetName(deployment.GetName())
	return p
}

// container of a pod or of a pod's template, init containers too.
func container(t *testing.T, spec map[string]any, name string) map[string]any {
	t.Helper()
	for _, list := range []string{"containers", "initContainers"} {
		all, _, err := unstructured.NestedSlice(spec, list)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if c, ok := one.(map[string]any); ok && c["name"] == name {
				return c
			}
		}
	}
	t.Fatalf("no container %s in %v", name, spec)
	return nil
}
