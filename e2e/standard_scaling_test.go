package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// byQuery and byCPU are what KServe makes of them for KEDA.
func byQuery(version string) map[string]any {
	return map[string]any{"type": "prometheus", "metadata": map[string]any{
		"serverAddress": "http://prometheus.monitoring:9090", "threshold": "20",
		"query": `sum(rate(requests_total{service="` + version + `-predictor", namespace="ml-serving"}[1m]))`,
	}}
}

var byCPU = map[string]any{"type": "cpu", "metricType": "Utilization", "metadata": map[string]any{"value": "70"}}

// TestStandardScaledByKEDA: KServe's manager makes a ScaledObject of each version
// and component, down to zero where that is asked for, and no
// HorizontalPodAutoscaler beside it.
func TestStandardScaledByKEDA(t *testing.T) {
	c := kserve.Get(t)
	for version, service := range scaledBy(t, c, "standard-scale-keda") {
		for suffix, want := range map[string]map[string]any{
			"-predictor":   {"minReplicaCount": int64(0), "maxReplicaCount": int64(5), "triggers": []any{byQuery(version)}},
			"-transformer": {"minReplicaCount": int64(1), "maxReplicaCount": int64(3), "triggers": []any{byCPU}},
		} {
			scaled := fieldOf[map[string]any](t, made(t, c, service, "keda.sh/v1alpha1", "ScaledObject", suffix).Object, "spec")
			for field, value := range want {
				if diff := cmp.Diff(value, scaled[field]); diff != "" {
					t.Errorf("%s%s: %s: -want, +got:\n%s", version, suffix, field, diff)
				}
			}
			if diff := cmp.Diff(version+suffix, fieldOf[string](t, scaled, "scaleTargetRef", "name")); diff != "" {
				t.Errorf("what is scaled: -want, +got:\n%s", diff)
			}
			unmade(t, c, service, "autoscaling/v2", "HorizontalPodAutoscaler", suffix)
		}
	}
}

// TestStandardScaledByNobody: with the class none the Deployment has as many
// copies as are asked for; with external KServe says nothing, and the API server
// makes one of it for others to change.
func TestStandardScaledByNobody(t *testing.T) {
	c := kserve.Get(t)
	for name, replicas := range map[string]int64{"standard-scale-none": 3, "standard-scale-none-zero": 0, "standard-scale-external": 1} {
		t.Run(name, func(t *testing.T) {
			for _, service := range scaledBy(t, c, name) {
				if got := fieldOf[int64](t, deployment(t, c, service).Object, "spec", "replicas"); got != replicas {
					t.Errorf("%d copies, want %d", got, replicas)
				}
				// It is made after what would scale the Deployment.
				made(t, c, service, "v1", "Service", "-predictor")
				unmade(t, c, service, "autoscaling/v2", "HorizontalPodAutoscaler", "-predictor")
				unmade(t, c, service, "keda.sh/v1alpha1", "ScaledObject", "-predictor")
			}
		})
	}
}

// TestStandardScaledComponents: each component has an autoscaler of its own, by
// its own metric.
func TestStandardScaledComponents(t *testing.T) {
	c := kserve.Get(t)
	for _, service := range scaledBy(t, c, "standard-scale-components") {
		for suffix, want := range map[string]struct {
			bounds
			metric string
			target int64
		}{
			"-predictor":   {bounds{1, 1}, "memory", 60},
			"-transformer": {bounds{2, 6}, "cpu", 70},
		} {
			spec := fieldOf[map[string]any](t, made(t, c, service, "autoscaling/v2", "HorizontalPodAutoscaler", suffix).Object, "spec")
			metrics := []any{map[string]any{"type": "Resource", "resource": map[string]any{
				"name": want.metric, "target": map[string]any{"type": "Utilization", "averageUtilization": want.target},
			}}}
			if diff := cmp.Diff(metrics, spec["metrics"]); diff != "" {
				t.Errorf("%s: metrics: -want, +got:\n%s", suffix, diff)
			}
			if got := (bounds{spec["minReplicas"].(int64), spec["maxReplicas"].(int64)}); got != want.bounds {
				t.Errorf("%s: %+v pods, want %+v", suffix, got, want.bounds)
			}
		}
	}
}

// scaledBy applies a golden case, and gives its InferenceServices by name.
func scaledBy(t *testing.T, c *cluster.Cluster, name string) map[string]*cluster.Object {
	t.Helper()
	prepare(t, c)
	objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
	enter(t, c, "rendered-"+name, objects)
	services := ofKind(objects, "InferenceService")
	if len(services) == 0 {
		t.Fatal("no InferenceService was rendered")
	}
	return services
}

// unmade: the manager did not make this.
func unmade(t *testing.T, c *cluster.Cluster, service *cluster.Object, apiVersion, kind, suffix string) {
	t.Helper()
	var o cluster.Object
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(service.GetNamespace())
	o.SetName(service.GetName() + suffix)
	if _, err := c.Get(t.Context(), &o); !apierrors.IsNotFound(err) {
		t.Errorf("%s is there (%v)", id(&o), err)
	}
}
