package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
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
	const available = `{"replicas":1,"readyReplicas":1,"availableReplicas":1,"updatedReplicas":1,
		"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True"}]}`
	if err := c.SetStatus(t.Context(), deployment(t, c, s), available); err != nil {
		t.Fatal(err)
	}
	for suffix, host := range map[string]string{
		"":           "fraud-3f9a1c2e-routes.example.com",
		"-predictor": "fraud-3f9a1c2e-predictor-routes.example.com",
	} {
		route := made(t, c, s, "gateway.networking.k8s.io/v1", "HTTPRoute", suffix)
		hosts, _, err := unstructured.NestedStringSlice(route.Object, "spec", "hostnames")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(hosts, " "), host) {
			t.Errorf("%s is for %q, want %s", id(route), hosts, host)
		}
		rules, _, err := unstructured.NestedSlice(route.Object, "spec", "rules")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(fmt.Sprint(rules), "name:fraud-3f9a1c2e-predictor") {
			t.Errorf("%s leads elsewhere: %v", id(route), rules)
		}
	}
}

// TestStandardRuntimeChosen: which runtime KServe takes where none is named, and
// so how the model has to be named.
func TestStandardRuntimeChosen(t *testing.T) {
	c := kserve.Get(t)
	for name, tt := range map[string]struct{ format, version, protocol, runtime string }{
		"sklearn": {"sklearn", "", "", "kserve-sklearnserver"},
	} {
		t.Run(name, func(t *testing.T) {
			format := map[string]any{"name": tt.format}
			if tt.version != "" {
				format["version"] = tt.version
			}
			model := settings{"modelFormat": format}
			if tt.protocol != "" {
				model["protocolVersion"] = tt.protocol
			}
			s := service(t, c, "chosen-"+name, model)
			_, err := c.Await(t.Context(), s, func(o *cluster.Object) error {
				got, _, err := unstructured.NestedString(o.Object, "status", "clusterServingRuntimeName")
				if err == nil && got != tt.runtime {
					err = fmt.Errorf("KServe chose %q, want %q", got, tt.runtime)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

