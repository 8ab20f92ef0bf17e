package e2e_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	shipped "github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// TestPassthroughOfAPIServer: of each field that KServe's predictor has, modelfn
// says who may set it; it knows no other.
func TestPassthroughOfAPIServer(t *testing.T) {
	var crd cluster.Object
	crd.SetAPIVersion("apiextensions.k8s.io/v1")
	crd.SetKind("CustomResourceDefinition")
	crd.SetName("inferenceservices.serving.kserve.io")
	got, err := bare.Get(t).Await(t.Context(), &crd, cluster.Exists)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, version := range fieldOf[[]any](t, got.Object, "spec", "versions") {
		if v := version.(map[string]any); v["name"] == "v1beta1" {
			fields = slices.Sorted(maps.Keys(fieldOf[map[string]any](t, v, "schema", "openAPIV3Schema", "properties", "spec", "properties", "predictor", "properties")))
		}
	}
	known := slices.Concat(passthrough.Fields(), passthrough.Widenable())
	for _, g := range passthrough.Never() {
		known = append(known, g.Names...)
	}
	// These stand in the predictor of a ModelDeployment, and in the model's
	// container of an InferenceService.
	known = slices.DeleteFunc(known, func(name string) bool { return slices.Contains(passthrough.Told(), name) })
	slices.Sort(known)
	if diff := cmp.Diff(known, fields); diff != "" {
		t.Errorf("-known, +KServe's:\n%s", diff)
	}
}

// TestStandardRuntimesOwn: what the shipped runtimes have of their own: probes as
// modelfn knows them, and no variable that a version may set.
func TestStandardRuntimesOwn(t *testing.T) {
	var kind cluster.Object
	kind.SetAPIVersion("serving.kserve.io/v1alpha1")
	kind.SetKind("ClusterServingRuntime")
	runtimes, err := kserve.Get(t).List(t.Context(), &kind)
	if err != nil || len(runtimes) == 0 {
		t.Fatal(runtimes, err)
	}
	for _, runtime := range runtimes {
		server := container(t, fieldOf[map[string]any](t, runtime.Object, "spec"), "kserve-container")
		got := map[string]string{}
		for _, name := range passthrough.Probes() {
			probe, _ := server[name].(map[string]any)
			for _, way := range []string{"exec", "grpc", "httpGet", "tcpSocket"} {
				if probe[way] != nil {
					got[name] = way
				}
			}
		}
		if want := shipped.Probes(runtime.GetName()); !maps.Equal(want, got) {
			t.Errorf("%s: probes: want %v, got %v", runtime.GetName(), want, got)
		}
		env, _ := server["env"].([]any)
		for _, v := range env {
			name := v.(map[string]any)["name"].(string)
			if passthrough.Set()[name] != "" {
				t.Errorf("%s sets %s itself", runtime.GetName(), name)
			}
		}
	}
}
