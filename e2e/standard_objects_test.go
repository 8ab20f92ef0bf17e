package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestStandardStorage: the pods of each shipped runtime get the model by its
// digest, and by nothing else.
func TestStandardStorage(t *testing.T) {
	c := kserve.Get(t)
	for runtime, served := range runtimes {
		for _, scheme := range []string{"oci", "kit"} {
			t.Run(runtime+" "+scheme, func(t *testing.T) {
				d := deployment(t, c, service(t, c, scheme+"-"+runtime, settings{
					"runtime":     runtime,
					"modelFormat": map[string]any{"name": served.format, "version": served.version},
					"storageUri":  scheme + "://" + fraudModel,
				}))
				if strings.Contains(fmt.Sprint(podSpec(t, d)), fraudModel) {
					t.Errorf("the Deployment names the model outside its annotations")
				}
				spec, _, err := unstructured.NestedMap(pod(t, c, d).Object, "spec")
				if err != nil {
					t.Fatal(err)
				}
				if scheme == "kit" {
					fetcher := container(t, spec, "storage-initializer")
					want := []any{"kit://" + fraudModel, "/mnt/models"}
					if diff := cmp.Diff(want, fetcher["args"]); diff != "" {
						t.Errorf("arguments of what fetches: -want, +got:\n%s", diff)
					}
					return
				}
				for _, name := range []string{"modelcar-init", "modelcar"} {
					if got := container(t, spec, name)["image"]; got != fraudModel {
						t.Errorf("%s runs %v", name, got)
					}
				}
			})
		}
	}
}

// TestStandardObjects: what the manager makes of one version. A route that
// weights versions sends its traffic to the Service.
func TestStandardObjects(t *testing.T) {
	c := kserve.Get(t)
	s := service(t, c, "objects", nil)
	d := deployment(t, c, s)
	if want := map[string]string{
		"app": "isvc.fraud-3f9a1c2e-predictor", "component": "predictor", "serving.kserve.io/inferenceservice": "fraud-3f9a1c2e",
	}; cmp.Diff(want, d.GetLabels()) != "" {
		t.Errorf("labels of the Deployment: -want, +got:\n%s", cmp.Diff(want, d.GetLabels()))
	}
	for _, tt := range []struct {
		apiVersion, kind string
		path             []string
		want             any
	}{
		{"v1", "Service", []string{"spec", "ports"}, []any{map[string]any{
			"name": "fraud-3f9a1c2e-predictor", "port": int64(80), "protocol": "TCP", "targetPort": int64(8080),
		}}},
		{"v1", "Service", []string{"spec", "selector"}, map[string]any{"app": "isvc.fraud-3f9a1c2e-predictor"}},
		{"autoscaling/v2", "HorizontalPodAutoscaler", []string{"spec", "maxReplicas"}, int64(3)},
	} {
		got, _, err := unstructured.NestedFieldCopy(made(t, c, s, tt.apiVersion, tt.kind, "-predictor").Object, tt.path...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %v: -want, +got:\n%s", tt.kind, tt.path, diff)
		}
	}
}

// TestStandardRoutes: KServe makes routes of its own when the Deployment is
// ready, to one version each, under the version's name.
func TestStandardRoutes(t *testing.T) {
	c := kserve.Get(t)
	s := service(t, c, "routes", nil)
	if err := c.SetStatus(t.Context(), deployment(t, c, s), available); err != nil {
		t.Fatal(err)
	}
	for suffix, host := range map[string]string{
		"":           "fraud-3f9a1c2e-routes.example.com",
		"-predictor": "fraud-3f9a1c2e-predictor-routes.example.com",
	} {
		route := made(t, c, s, "gateway.networking.k8s.io/v1", "HTTPRoute", suffix)
		want := map[string]any{
			"hostnames":  []any{host},
			"parentRefs": []any{map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "kserve-ingress-gateway", "namespace": "kserve"}},
			"rules": []any{map[string]any{
				"backendRefs": []any{map[string]any{"group": "", "kind": "Service", "name": "fraud-3f9a1c2e-predictor", "namespace": "routes", "port": int64(80), "weight": int64(1)}},
				"filters": []any{map[string]any{"type": "RequestHeaderModifier", "requestHeaderModifier": map[string]any{"set": []any{
					map[string]any{"name": "KServe-Isvc-Name", "value": "fraud-3f9a1c2e"},
					map[string]any{"name": "KServe-Isvc-Namespace", "value": "routes"},
				}}}},
				"matches":  []any{map[string]any{"path": map[string]any{"type": "RegularExpression", "value": "^/.*$"}}},
				"timeouts": map[string]any{"request": "60s"},
			}},
		}
		if diff := cmp.Diff(want, route.Object["spec"]); diff != "" {
			t.Errorf("%s: -want, +got:\n%s", id(route), diff)
		}
	}
}
