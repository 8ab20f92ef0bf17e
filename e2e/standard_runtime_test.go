package e2e_test

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// chosen is the runtime that KServe takes for a format, by protocol version,
// where an InferenceService names no runtime; none where there is no entry.
// Without a protocol version it is v1, whatever the runtimes of the format speak:
// three formats have no runtime then. (The defaulter sets v2 for triton.)
var chosen = map[string]map[string]string{
	"sklearn":     {"": "kserve-sklearnserver", "v1": "kserve-sklearnserver", "v2": "kserve-mlserver"},
	"xgboost":     {"": "kserve-xgbserver", "v1": "kserve-xgbserver", "v2": "kserve-mlserver"},
	"lightgbm":    {"": "kserve-lgbserver", "v1": "kserve-lgbserver", "v2": "kserve-mlserver"},
	"paddle":      {"": "kserve-paddleserver", "v1": "kserve-paddleserver", "v2": "kserve-paddleserver"},
	"pmml":        {"": "kserve-pmmlserver", "v1": "kserve-pmmlserver", "v2": "kserve-pmmlserver"},
	"autogluon":   {"": "kserve-autogluonserver", "v1": "kserve-autogluonserver", "v2": "kserve-autogluonserver"},
	"huggingface": {"": "kserve-huggingfaceserver", "v1": "kserve-huggingfaceserver", "v2": "kserve-huggingfaceserver"},
	"vLLM":        {"": "kserve-vllmserver", "v1": "kserve-vllmserver", "v2": "kserve-vllmserver", "grpc-v2": "kserve-vllmserver"},
	"tensorflow":  {"": "kserve-tensorflow-serving", "v1": "kserve-tensorflow-serving", "v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"},
	"triton":      {"": "kserve-tritonserver", "v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"},
	"onnx":        {"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"},
	"tensorrt":    {"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"},
	"pytorch":     {"": "kserve-torchserve", "v1": "kserve-torchserve", "v2": "kserve-torchserve", "grpc-v2": "kserve-torchserve"},
	"mlflow":      {"v2": "kserve-mlserver"},
	// Its runtime lies beside the others in KServe's repository, and is not shipped.
	"openvino": {},
}

// TestStandardRuntime: which runtime serves a version, and so how that is told
// the model's name, follows from format and protocol.
func TestStandardRuntime(t *testing.T) {
	c := kserve.Get(t)
	for format, runtimes := range chosen {
		for _, protocol := range []string{"", "v1", "v2", "grpc-v2"} {
			t.Run(format+" "+protocol, func(t *testing.T) {
				t.Parallel() // each waits for the manager
				model := settings{"modelFormat": map[string]any{"name": format}}
				if protocol != "" {
					model["protocolVersion"] = protocol
				}
				// vLLM is no name of a namespace.
				s := service(t, c, fmt.Sprintf("runtime-%x-%s", format, "p"+protocol), model)
				if got := runtimeOf(t, c, s); got != runtimes[protocol] {
					t.Errorf("KServe chose %q, want %q", got, runtimes[protocol])
				}
			})
		}
	}
}

// runtimeOf awaits KServe's choice; none if it says that it has none.
func runtimeOf(t *testing.T, c *cluster.Cluster, service *cluster.Object) (name string) {
	t.Helper()
	_, err := c.Await(t.Context(), service, func(o *cluster.Object) (err error) {
		if name, _, err = unstructured.NestedString(o.Object, "status", "clusterServingRuntimeName"); err != nil || name != "" {
			return err
		}
		reason, _, err := unstructured.NestedString(o.Object, "status", "modelStatus", "lastFailureInfo", "reason")
		if err == nil && reason != "NoSupportingRuntime" {
			err = fmt.Errorf("no runtime yet, and no reason (%q)", reason)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}
