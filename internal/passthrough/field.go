// Package passthrough says what of KServe's predictor a ModelDeployment may set
// by name, what a platform may add to that, and what nobody may: the tables of
// fields, arguments and environment variables, with the reason of each group.
package passthrough

import (
	"maps"
	"slices"
)

// Group are names with one reason.
type Group struct {
	Why   string
	Names []string
}

// Fields of the predictor that any ModelDeployment may set: where and how the pod
// runs, never what it loads.
func Fields() []string {
	return []string{
		"affinity", "containerConcurrency", "imagePullSecrets", "nodeSelector",
		"priorityClassName", "runtimeClassName", "schedulerName",
		"serviceAccountName", "terminationGracePeriodSeconds", "timeout",
		"tolerations", "topologySpreadConstraints",
	}
}

// Probes of the model's container.
func Probes() []string { return []string{"livenessProbe", "readinessProbe", "startupProbe"} }

// Told are the fields of the model's container that any ModelDeployment may set;
// of arguments and environment, only what is listed.
func Told() []string { return append([]string{"args", "env"}, Probes()...) }

// OfInferenceService are the fields among these and those of Widenable that are no
// pod's, so that an LLMInferenceService has no place for them.
func OfInferenceService() []string {
	return []string{"batcher", "containerConcurrency", "deploymentStrategy", "logger", "timeout"}
}

// Widenable are the fields that a platform may allow besides. They change how the
// pod is run, and load nothing.
func Widenable() []string { return slices.Sorted(maps.Keys(Shapes())) }

// Never are the fields of KServe's predictor that no platform may allow.
func Never() []Group {
	return []Group{
		{"it names a model, or what loads it", []string{
			"huggingface", "lightgbm", "model", "name", "onnx", "paddle", "pmml", "pytorch", "sklearn",
			"storageContainerName", "storageUris", "tensorflow", "triton", "workerSpec", "xgboost",
		}},
		{"it could write another model over the verified one", []string{"initContainers", "volumes"}},
		{"KServe's pod injector takes the model's address from it", []string{"annotations", "labels"}},
		{"it could lead what fetches the model to another server", []string{"dnsConfig", "hostAliases"}},
		{"the pod would run in the node's own namespaces, past what guards pods", []string{"hostIPC", "hostNetwork", "hostPID"}},
		{"modelfn sets it, by a field of the ModelDeployment's own", []string{
			"args", "autoScaling", "canaryTrafficPercent", "containers", "env", "livenessProbe", "maxReplicas", "minReplicas",
			"readinessProbe", "scaleMetric", "scaleMetricType", "scaleTarget", "startupProbe",
		}},
		{"serviceAccountName is its current name", []string{"serviceAccount"}},
	}
}

// Instead is where a ModelDeployment says what a field of KServe's predictor says,
// or nothing.
func Instead(name string) string {
	return map[string]string{
		"autoScaling": "spec.autoscaling", "scaleMetric": "spec.autoscaling.metric", "scaleMetricType": "spec.autoscaling.metric",
		"scaleTarget": "spec.autoscaling.target", "minReplicas": "spec.replicas.min", "maxReplicas": "spec.replicas.max",
		"canaryTrafficPercent": "spec.canary.weight", "model": "spec.model", "resources": "spec.resources",
		"serviceAccount": "serviceAccountName", "storageUris": "spec.model",
	}[name]
}

// neverField is why no platform may allow the field, or nothing.
func neverField(name string) string {
	for _, g := range Never() {
		if slices.Contains(g.Names, name) {
			return g.Why
		}
	}
	return ""
}
