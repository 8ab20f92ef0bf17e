package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// underTest are the versions of a golden case in Standard mode, as the manager is
// to run them.
type underTest struct {
	// args are those of each version's server, and name the value of
	// MLSERVER_MODEL_NAME.
	args []any
	name any
	// stable answers under the deployment's name, by its front.
	stable, front string
	// explained tells whether there is an explainer.
	explained bool
	// replicas are the bounds of each version's pods.
	replicas map[string]bounds
}

type bounds struct{ min, max int64 }

var (
	sklearn = kserveServer("sklearn", "1")
	mlflow  = runtimes["kserve-mlserver"]
	triton  = runtimes["kserve-tritonserver"]

	fraudV7, fraudV8, irisV1, irisIndex = "fraud-f515ecdf", "fraud-81089d38", "fraud-4f03a34c", "fraud-51034f9b"
)

// standardCases are golden cases: what a request finds at their end.
var standardCases = map[string]underTest{
	"standard": {args: sklearn.args, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {1, 1}}},
	// A candidate has its share of the pods: a tenth of four, rounded up.
	"standard-canary":      {args: sklearn.args, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {4, 8}, fraudV8: {1, 8}}},
	"standard-match":       {args: sklearn.args, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {1, 1}, fraudV8: {1, 1}}},
	"standard-shadow":      {args: sklearn.args, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {3, 3}, fraudV8: {3, 3}}},
	"standard-transformer": {args: sklearn.args, stable: fraudV7, front: "transformer", replicas: map[string]bounds{fraudV7: {1, 1}}},
	"standard-images":      {args: sklearn.args, stable: fraudV7, front: "transformer", explained: true, replicas: map[string]bounds{fraudV7: {1, 1}}},
	"standard-mlserver":    {name: mlflow.name, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {1, 1}}},
	"standard-triton":      {args: triton.args, stable: irisV1, front: "predictor", replicas: map[string]bounds{irisV1: {1, 1}}},

	"kserve-017-standard-canary": {args: sklearn.args, stable: fraudV7, front: "predictor", replicas: map[string]bounds{fraudV7: {4, 8}, fraudV8: {1, 8}}},
	// Each version's explainer explains it.
	"standard-explainer-canary": {args: sklearn.args, stable: fraudV7, front: "predictor", explained: true, replicas: map[string]bounds{fraudV7: {1, 1}, fraudV8: {1, 1}}},
	"standard-explainer-shadow": {args: sklearn.args, stable: fraudV7, front: "transformer", explained: true, replicas: map[string]bounds{fraudV7: {1, 1}, fraudV8: {1, 1}}},
	"standard-grpc":             {args: triton.args, stable: irisV1, front: "predictor", replicas: map[string]bounds{irisV1: {1, 1}}},
	"standard-grpc-canary":      {args: triton.args, stable: irisV1, front: "predictor", replicas: map[string]bounds{irisV1: {1, 1}, irisIndex: {1, 1}}},
}

// TestStandardRendered: KServe's manager makes of what is rendered what the route
// and the Service that are rendered beside it lead to, in each version of it: the
// cases name nothing that only one of them ships.
func TestStandardRendered(t *testing.T) {
	for version, shared := range managed {
		t.Run(version, func(t *testing.T) { standardRendered(t, shared.Get(t)) })
	}
}

func standardRendered(t *testing.T, c *cluster.Cluster) {
	prepare(t, c)
	for name, want := range standardCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the manager
			objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
			enter(t, c, "rendered-"+name, objects)
			versions := ofKind(objects, "InferenceService")
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want.replicas)), slices.Sorted(maps.Keys(versions))); diff != "" {
				t.Fatalf("versions: -want, +rendered:\n%s", diff)
			}
			for version, service := range versions {
				runsAs(t, c, service, want)
				if want.front == "transformer" {
					asks(t, c, service, "transformer")
				}
				if want.explained {
					asks(t, c, service, "explainer")
				}
				loads(t, c, service)
				scales(t, c, service, want.replicas[version])
			}
			routed(t, c, routeIn(t, objects))
			addressed(t, c, ofKind(objects, "Service")["fraud"], want.stable, want.front)
		})
	}
}

// enter applies a deployment's objects, in a namespace of its own.
func enter(t *testing.T, c *cluster.Cluster, namespace string, objects []*cluster.Object) {
	t.Helper()
	for _, o := range objects {
		o.SetNamespace(namespace)
		home(t, c, o)
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
	}
}

// routeIn is the one route among the objects.
func routeIn(t *testing.T, objects []*cluster.Object) *cluster.Object {
	t.Helper()
	for _, kind := range []string{"HTTPRoute", "GRPCRoute"} {
		if route := ofKind(objects, kind)["fraud"]; route != nil {
			return route
		}
	}
	t.Fatal("no route")
	return nil
}

// ofKind are the objects of one kind, by name.
func ofKind(objects []*cluster.Object, kind string) map[string]*cluster.Object {
	out := map[string]*cluster.Object{}
	for _, o := range objects {
		if o.GetKind() == kind {
			out[o.GetName()] = o
		}
	}
	return out
}

// runsAs: a version answers under the deployment's name. Of its arguments, all
// but the InferenceService's own name are those that the runtime has, and the one
// that counts is the last.
func runsAs(t *testing.T, c *cluster.Cluster, service *cluster.Object, want underTest) {
	t.Helper()
	server := container(t, podSpec(t, deployment(t, c, service)), "kserve-container")
	var args []any
	for _, arg := range want.args {
		if arg == "--model_name=fraud-3f9a1c2e" {
			arg = "--model_name=" + service.GetName()
		}
		args = append(args, arg)
	}
	got, _ := server["args"].([]any)
	if diff := cmp.Diff(args, got); diff != "" {
		t.Errorf("%s: arguments: -want, +got:\n%s", service.GetName(), diff)
	}
	if got := variable(t, server, "MLSERVER_MODEL_NAME"); got != want.name {
		t.Errorf("%s: MLSERVER_MODEL_NAME is %v, want %v", service.GetName(), got, want.name)
	}
}

// asks: what stands before the model answers under the deployment's name too, and
// asks its own version for the model of that name.
func asks(t *testing.T, c *cluster.Cluster, service *cluster.Object, component string) {
	t.Helper()
	front := container(t, podSpec(t, made(t, c, service, "apps/v1", "Deployment", "-"+component)), "kserve-container")
	want := []any{"--model_name", "fraud",
		"--predictor_host", service.GetName() + "-predictor." + service.GetNamespace(), "--http_port", "8080"}
	if diff := cmp.Diff(want, front["args"]); diff != "" {
		t.Errorf("%s: arguments of the %s: -want, +got:\n%s", service.GetName(), component, diff)
	}
}

// loads: the pods of a version get the model by what is rendered, its digest or
// where it has none its name: as an image, from a volume, or by what fetches it.
func loads(t *testing.T, c *cluster.Cluster, service *cluster.Object) {
	t.Helper()
	spec := fieldOf[map[string]any](t, pod(t, c, deployment(t, c, service)).Object, "spec")
	uri := fieldOf[string](t, service.Object, "spec", "predictor", "model", "storageUri")
	scheme, location, _ := strings.Cut(uri, "://")
	switch scheme {
	case "oci":
		for _, name := range []string{"modelcar-init", "modelcar"} {
			if got := container(t, spec, name)["image"]; got != location {
				t.Errorf("%s: %s runs %v, want %s", service.GetName(), name, got, location)
			}
		}
	case "pvc":
		claim, path, _ := strings.Cut(location, "/")
		if diff := cmp.Diff([]string{claim, path}, mounted(t, spec, "/mnt/models")); diff != "" {
			t.Errorf("%s: claim and path of the volume: -want, +got:\n%s", service.GetName(), diff)
		}
	default:
		want := []any{uri, "/mnt/models"}
		if diff := cmp.Diff(want, container(t, spec, "storage-initializer")["args"]); diff != "" {
			t.Errorf("%s: arguments of what fetches: -want, +got:\n%s", service.GetName(), diff)
		}
	}
}

// mounted are the claim and the path in it that the server finds at a place.
func mounted(t *testing.T, spec map[string]any, at string) []string {
	t.Helper()
	var claim, path string
	for _, mount := range fieldOf[[]any](t, container(t, spec, "kserve-container"), "volumeMounts") {
		mount := mount.(map[string]any)
		if mount["mountPath"] != at {
			continue
		}
		path, _ = mount["subPath"].(string)
		for _, volume := range fieldOf[[]any](t, spec, "volumes") {
			if volume := volume.(map[string]any); volume["name"] == mount["name"] {
				claim = fieldOf[string](t, volume, "persistentVolumeClaim", "claimName")
			}
		}
	}
	return []string{claim, path}
}

func scales(t *testing.T, c *cluster.Cluster, service *cluster.Object, want bounds) {
	t.Helper()
	scaler := made(t, c, service, "autoscaling/v2", "HorizontalPodAutoscaler", "-predictor")
	got := bounds{fieldOf[int64](t, scaler.Object, "spec", "minReplicas"), fieldOf[int64](t, scaler.Object, "spec", "maxReplicas")}
	if got != want {
		t.Errorf("%s: %+v pods, want %+v", service.GetName(), got, want)
	}
}
