package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// told is what a version's container is told, as the manager makes it.
type told struct {
	// args follow those of the runtime.
	args []any
	env  map[string]any
	// probes by name; nothing for those that it has not.
	probes map[string]any
}

func sklearnArgs(version string, more ...any) []any {
	return append([]any{"--model_name=" + version, "--model_dir=/mnt/models", "--http_port=8080"}, more...)
}

// probe is one with what the API server adds.
func probe(fields map[string]any) map[string]any {
	out := map[string]any{"timeoutSeconds": int64(1), "periodSeconds": int64(10), "successThreshold": int64(1), "failureThreshold": int64(3)}
	for name, value := range fields {
		out[name] = value
	}
	return out
}

// byKServe is the probe that KServe gives a container without one.
var byKServe = probe(map[string]any{"tcpSocket": map[string]any{"port": int64(8080)}})

// TestStandardTold: KServe's manager hands on what a version passes through: the
// arguments in their order, behind the runtime's own and with the name last, the
// variables, and the probes in place of its own.
func TestStandardTold(t *testing.T) {
	c := kserve.Get(t)
	prepare(t, c)
	for name, versions := range map[string]map[string]told{
		"standard-told": {
			fraudV7: {
				args: sklearnArgs(fraudV7, "--workers=2", "--model_name=fraud"),
				env:  map[string]any{"OMP_NUM_THREADS": "4"},
				probes: map[string]any{
					"livenessProbe": probe(map[string]any{"tcpSocket": map[string]any{"port": int64(8080)}, "periodSeconds": int64(20)}),
					"readinessProbe": probe(map[string]any{
						"httpGet": map[string]any{"path": "/v1/models/fraud", "port": int64(8080), "scheme": "HTTP"}, "timeoutSeconds": int64(5),
					}),
					"startupProbe": probe(map[string]any{"grpc": map[string]any{"port": int64(8081), "service": ""}, "failureThreshold": int64(60)}),
				},
			},
			fraudV8: {
				args:   sklearnArgs(fraudV8, "--workers=4", "--max_threads=8", "--model_name=fraud"),
				env:    map[string]any{"OMP_NUM_THREADS": nil},
				probes: map[string]any{"readinessProbe": byKServe},
			},
		},
		"standard-told-vllm": {
			"fraud-d7daa0fe": {
				args: []any{
					"--model_name=fraud-d7daa0fe", "--max-model-len=8192", "--gpu-memory-utilization=0.92", "--dtype=bfloat16",
					"--enable-prefix-caching", "--task=text_generation", "--model_name=fraud",
				},
				env:    map[string]any{"VLLM_LOGGING_LEVEL": "INFO", "TOKENIZERS_PARALLELISM": "false", "LMCACHE_USE_EXPERIMENTAL": "True"},
				probes: map[string]any{"readinessProbe": byKServe},
			},
		},
		"standard-told-mlserver": {
			fraudV7: {
				env:    map[string]any{"OMP_NUM_THREADS": "4", "MLSERVER_MODEL_NAME": "fraud", "MLSERVER_MODEL_URI": "/mnt/models"},
				probes: map[string]any{"readinessProbe": byKServe},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the manager
			objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
			enter(t, c, "rendered-"+name, objects)
			services := ofKind(objects, "InferenceService")
			for version, want := range versions {
				if services[version] == nil {
					t.Fatalf("no %s in %v", version, services)
				}
				hears(t, c, services[version], want)
			}
		})
	}
}

func hears(t *testing.T, c *cluster.Cluster, service *cluster.Object, want told) {
	t.Helper()
	server := container(t, podSpec(t, deployment(t, c, service)), "kserve-container")
	args, _ := server["args"].([]any)
	if diff := cmp.Diff(want.args, args); diff != "" {
		t.Errorf("%s: arguments: -want, +got:\n%s", service.GetName(), diff)
	}
	for name, value := range want.env {
		if got := variable(t, server, name); got != value {
			t.Errorf("%s: %s is %v, want %v", service.GetName(), name, got, value)
		}
	}
	for _, name := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		if diff := cmp.Diff(want.probes[name], server[name]); diff != "" {
			t.Errorf("%s: %s: -want, +got:\n%s", service.GetName(), name, diff)
		}
	}
}
