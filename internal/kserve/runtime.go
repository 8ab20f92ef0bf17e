// Package kserve knows what KServe ships: its serving runtimes, the formats they
// load, and how each is told under which name to serve a model.
package kserve

import (
	"cmp"
	"maps"
	"slices"
)

// Runtime is a ClusterServingRuntime that KServe v0.20.0 ships.
type Runtime struct {
	Name string
	// Formats that it loads, with its priority among the runtimes for it; KServe
	// chooses the highest. 0 is never chosen unasked.
	Formats map[string]int
	// Protocols that it says it speaks; none is any.
	Protocols []string
	// Named says how the served model gets its name.
	Named Naming
}

// Naming is how a runtime is told the name that a model is served under.
type Naming struct {
	// Flag of the server, with "="; the last one counts.
	Flag string
	// Env is an environment variable.
	Env string
	// Artifact: the name is in the artifact (a model repository's folder), the same
	// for each version that was packed alike.
	Artifact bool
}

// Known tells whether the name can be set, or need not be.
func (n Naming) Known() bool { return n != Naming{} }

var (
	byModelName  = Naming{Flag: "--model_name="}
	byServedName = Naming{Flag: "--served-model-name="}
	byMLServer   = Naming{Env: "MLSERVER_MODEL_NAME"}
	byArtifact   = Naming{Artifact: true}

	v1, v2, both = []string{"v1"}, []string{"v2"}, []string{"v1", "v2"}
)

// Runtimes are those that KServe v0.20.0 ships (config/runtimes), by name.
func Runtimes() []Runtime {
	return []Runtime{
		{"kserve-autogluonserver", map[string]int{"autogluon": 1}, both, byModelName},
		{"kserve-huggingfaceserver", map[string]int{"huggingface": 1}, both, byModelName},
		{"kserve-huggingfaceserver-multinode", map[string]int{"huggingface": 0}, both, byModelName},
		{"kserve-lgbserver", map[string]int{"lightgbm": 1}, both, byModelName},
		{"kserve-mlserver", map[string]int{"sklearn": 2, "xgboost": 2, "lightgbm": 2, "mlflow": 1}, v2, byMLServer},
		{"kserve-paddleserver", map[string]int{"paddle": 1}, both, byModelName},
		{"kserve-pmmlserver", map[string]int{"pmml": 1}, both, byModelName},
		{"kserve-predictiveserver", map[string]int{"sklearn": 0, "xgboost": 0, "lightgbm": 0}, both, byModelName},
		{"kserve-sklearnserver", map[string]int{"sklearn": 1}, both, byModelName},
		{"kserve-tensorflow-serving", map[string]int{"tensorflow": 2}, append(v1, "grpc-v1"), byModelName},
		{"kserve-torchserve", map[string]int{"pytorch": 2}, append(both, "grpc-v2"), byArtifact},
		{"kserve-tritonserver", map[string]int{"tensorrt": 1, "tensorflow": 1, "onnx": 1, "pytorch": 0, "triton": 1}, append(v2, "grpc-v2"), byArtifact},
		{"kserve-vllmserver", map[string]int{"vLLM": 1}, nil, byServedName},
		{"kserve-xgbserver", map[string]int{"xgboost": 1}, both, byModelName},
	}
}

// Find is the shipped runtime of that name.
func Find(name string) (Runtime, bool) {
	list := Runtimes()
	i := slices.IndexFunc(list, func(r Runtime) bool { return r.Name == name })
	if i < 0 {
		return Runtime{}, false
	}
	return list[i], true
}

// Formats are the names of all formats that a shipped runtime loads, sorted.
func Formats() []string {
	names := map[string]bool{}
	for _, r := range Runtimes() {
		for name := range r.Formats {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Select is the runtime that KServe chooses for a format and a protocol. Where none
// is stated KServe looks for v1 only, and starts nothing where no runtime speaks
// it: then it is the one for v2.
func Select(format, protocol string) (Runtime, bool) {
	protocols := []string{protocol}
	if protocol == "" {
		protocols = []string{"v1", "v2"}
	}
	for _, p := range protocols {
		candidates := slices.DeleteFunc(Runtimes(), func(r Runtime) bool {
			return r.Formats[format] == 0 || !r.speaks(p)
		})
		if len(candidates) > 0 {
			return slices.MaxFunc(candidates, func(a, b Runtime) int {
				return cmp.Or(cmp.Compare(a.Formats[format], b.Formats[format]), cmp.Compare(b.Name, a.Name))
			}), true
		}
	}
	return Runtime{}, false
}

// Protocol is the one to state for a runtime where none is stated: KServe takes
// it for v1.
func (r Runtime) Protocol() string {
	if !r.speaks("v1") {
		return r.Protocols[0]
	}
	return ""
}

func (r Runtime) speaks(protocol string) bool {
	return len(r.Protocols) == 0 || slices.Contains(r.Protocols, protocol)
}
