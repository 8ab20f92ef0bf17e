package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	shipped "github.com/modelfn/modelfn/internal/kserve"
)

// served is how a runtime that KServe ships learns under which name it serves
// the model.
type served struct {
	format, version string
	// told is what spec.predictor.model says so that it serves `fraud`; nothing
	// for servers that take the name from the artifact, whatever they are told.
	told settings
	// args and name are the container's, as the manager makes it.
	args []any
	name any // the value of MLSERVER_MODEL_NAME, where there is one
}

// argument names the model in an argument. KServe appends it to the runtime's
// own, which has the name of the InferenceService, and the last one wins.
func argument(flag string) settings { return settings{"args": []any{flag + "=fraud"}} }

// kserveServer is one of KServe's own Python servers: argparse keeps the last of
// several values.
func kserveServer(format, version string, more ...any) served {
	args := append([]any{"--model_name=fraud-3f9a1c2e", "--model_dir=/mnt/models", "--http_port=8080"}, more...)
	return served{format: format, version: version, told: argument("--model_name"), args: append(args, "--model_name=fraud")}
}

var runtimes = map[string]served{
	"kserve-sklearnserver":    kserveServer("sklearn", "1"),
	"kserve-xgbserver":        kserveServer("xgboost", "2", "--nthread=1"),
	"kserve-lgbserver":        kserveServer("lightgbm", "4", "--nthread=1"),
	"kserve-paddleserver":     kserveServer("paddle", "2"),
	"kserve-pmmlserver":       kserveServer("pmml", "4"),
	"kserve-autogluonserver":  kserveServer("autogluon", "1"),
	"kserve-predictiveserver": kserveServer("sklearn", "1", "--framework=sklearn", "--nthread=1"),
	// Its backends, vLLM included, take the name from KServe's parser.
	"kserve-huggingfaceserver": {format: "huggingface", version: "1", told: argument("--model_name"),
		args: []any{"--model_name=fraud-3f9a1c2e", "--model_name=fraud"}},
	"kserve-vllmserver": {format: "vLLM", version: "1", told: argument("--served-model-name"),
		args: []any{"--port=8080", "--served-model-name=fraud-3f9a1c2e", "--model=/mnt/models", "--served-model-name=fraud"}},
	// tensorflow::Flags::Parse assigns each occurrence.
	"kserve-tensorflow-serving": {format: "tensorflow", version: "2", told: argument("--model_name"),
		args: []any{"--model_name=fraud-3f9a1c2e", "--port=9000", "--rest_api_port=8080", "--model_base_path=/mnt/models",
			"--rest_api_timeout_in_ms=60000", "--model_name=fraud"}},
	// The manager sets the variable where it is not set. It passes no arguments:
	// one would take the place of the image's whole command. A model-settings.json
	// in the artifact has the last word.
	"kserve-mlserver": {format: "mlflow", version: "2", name: "fraud",
		told: settings{"env": []any{map[string]any{"name": "MLSERVER_MODEL_NAME", "value": "fraud"}}}},
	// The directories under /mnt/models are the models' names.
	"kserve-tritonserver": {format: "triton", version: "2",
		args: []any{"tritonserver", "--model-store=/mnt/models", "--grpc-port=9000", "--http-port=8080", "--allow-grpc=true", "--allow-http=true"}},
	// model_snapshot in the artifact's config.properties has the names.
	"kserve-torchserve": {format: "pytorch", version: "1",
		args: []any{"torchserve", "--start", "--model-store=/mnt/models/model-store", "--ts-config=/mnt/models/config/config.properties"}},
}

// TestStandardNames: in Standard mode a version has an InferenceService of its
// own, named by its digest, and yet serves the model under the model's name.
// This is what each runtime has to be told for it, as the real manager of each
// version of KServe passes it on.
func TestStandardNames(t *testing.T) {
	for version, shared := range managed {
		for runtime, want := range runtimes {
			if _, ships := shipped.Of(version).Find(runtime); ships {
				t.Run(version+" "+runtime, func(t *testing.T) { toldName(t, shared.Get(t), runtime, want) })
			}
		}
	}
}

// toldName: a version that is told its name as want says is served under it.
func toldName(t *testing.T, c *cluster.Cluster, runtime string, want served) {
	t.Helper()
	model := settings{"runtime": runtime, "modelFormat": map[string]any{"name": want.format, "version": want.version}}
	for field, value := range want.told {
		model[field] = value
	}
	d := deployment(t, c, service(t, c, "names-"+runtime, model))
	server := container(t, podSpec(t, d), "kserve-container")
	args, _ := server["args"].([]any)
	if diff := cmp.Diff(want.args, args); diff != "" {
		t.Errorf("arguments: -want, +got:\n%s", diff)
	}
	if got := variable(t, server, "MLSERVER_MODEL_NAME"); got != want.name {
		t.Errorf("MLSERVER_MODEL_NAME is %v, want %v", got, want.name)
	}
}

// TestStandardNamesAcrossNodes: the runtime that spans nodes passes `$0 $@` of a
// shell on to KServe's own server, so it is told as that is.
func TestStandardNamesAcrossNodes(t *testing.T) {
	c := kserve.Get(t)
	o := one(t, "standard/multinode.yaml")
	home(t, c, o)
	if _, err := c.Apply(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	server := container(t, podSpec(t, deployment(t, c, o)), "kserve-container")
	want := []any{"--model_name=fraud-3f9a1c2e", "--model_name=fraud"}
	if diff := cmp.Diff(want, server["args"]); diff != "" {
		t.Errorf("arguments: -want, +got:\n%s", diff)
	}
}

// TestStandardNameElsewhere: neither annotations and labels nor a variable that
// a runtime does not read tell it another name.
func TestStandardNameElsewhere(t *testing.T) {
	c := kserve.Get(t)
	for _, runtime := range []string{"kserve-sklearnserver", "kserve-mlserver"} {
		t.Run(runtime, func(t *testing.T) {
			o := one(t, "standard/service.yaml")
			o.SetNamespace("elsewhere-" + runtime)
			names := map[string]string{"name": "fraud", "modelName": "fraud", "model_name": "fraud", "modelClass": "fraud"}
			o.SetLabels(names)
			for key, value := range o.GetAnnotations() {
				names[key] = value
			}
			o.SetAnnotations(names)
			model := settings{"runtime": runtime, "env": []any{map[string]any{"name": "MODEL_NAME", "value": "fraud"}}}
			for field, value := range model {
				if err := unstructured.SetNestedField(o.Object, value, "spec", "predictor", "model", field); err != nil {
					t.Fatal(err)
				}
			}
			home(t, c, o)
			if _, err := c.Apply(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			server := container(t, podSpec(t, deployment(t, c, o)), "kserve-container")
			if runtime == "kserve-mlserver" {
				if got := variable(t, server, "MLSERVER_MODEL_NAME"); got != "fraud-3f9a1c2e" {
					t.Errorf("MLSERVER_MODEL_NAME is %v", got)
				}
				if got := variable(t, server, "MLSERVER_MODEL_IMPLEMENTATION"); got != "mlserver_sklearn.SKLearnModel" {
					t.Errorf("a label chose what runs the model: %v", got)
				}
				return
			}
			want := []any{"--model_name=fraud-3f9a1c2e", "--model_dir=/mnt/models", "--http_port=8080"}
			if diff := cmp.Diff(want, server["args"]); diff != "" {
				t.Errorf("arguments: -want, +got:\n%s", diff)
			}
		})
	}
}

func podSpec(t *testing.T, deployment *cluster.Object) map[string]any {
	t.Helper()
	spec, found, err := unstructured.NestedMap(deployment.Object, "spec", "template", "spec")
	if err != nil || !found {
		t.Fatalf("%s: no template (%v)", id(deployment), err)
	}
	return spec
}

// variable is the value of a container's environment variable; nil if it is not set.
func variable(t *testing.T, container map[string]any, name string) any {
	t.Helper()
	all, _, err := unstructured.NestedSlice(container, "env")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if v, ok := one.(map[string]any); ok && v["name"] == name {
			return v["value"]
		}
	}
	return nil
}
