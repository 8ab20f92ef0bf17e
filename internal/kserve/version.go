// Package kserve knows the versions of KServe that objects are made for: the
// serving runtimes that each ships, the formats they load, how each is told under
// which name to serve a model, and what else a version can do.
package kserve

import (
	"slices"
	"strings"
	"sync"
)

// VLLM is the shipped runtime of vLLM, whose arguments an LLMInferenceService takes,
// too.
const VLLM = "kserve-vllmserver"

// Initializer is the image that fetches models where nothing else is said; its tags
// are KServe's releases (charts/kserve-resources).
const Initializer = "kserve/storage-initializer"

// Default is the version where a platform names none.
const Default = "0.20"

// Version is a version of KServe: what it ships, and what others cannot do. The
// end-to-end tests compare each with the release.
type Version struct {
	// Name is how platforms write it.
	Name string
	// Release is the one that was read.
	Release string
	// LLM is what an LLMInferenceService can say.
	LLM LLM

	runtimes []Runtime
}

// LLM is what versions differ in about an LLMInferenceService (v1alpha2).
type LLM struct {
	// RouteGroups: spec.router.route.group and weight split requests between
	// several.
	RouteGroups bool
	// Adapters: spec.model.lora.adapters are loaded. Where they are not, they are
	// accepted all the same, and nothing says that they do nothing.
	Adapters bool
	// AdapterLimits: spec.model.lora has maxRank, maxAdapters and maxCpuAdapters.
	AdapterLimits bool
}

// Versions are those that objects can be made for, the oldest first.
func Versions() []Version { return slices.Clone(versions()) }

// versions are the same, made once: each model asks several times.
var versions = sync.OnceValue(func() []Version {
	return []Version{
		{Name: "0.17", Release: "v0.17.0", runtimes: shipped()},
		{
			Name: "0.20", Release: "v0.20.0", LLM: LLM{RouteGroups: true, Adapters: true, AdapterLimits: true},
			runtimes: shipped(
				Runtime{"kserve-autogluonserver", map[string]int{"autogluon": 1}, both, byModelName},
				Runtime{VLLM, map[string]int{"vLLM": 1}, nil, byServedName},
			),
		},
	}
})

// shipped are the runtimes that every version ships (config/runtimes), and more, by
// name.
func shipped(more ...Runtime) []Runtime {
	return slices.SortedFunc(slices.Values(append([]Runtime{
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
		{"kserve-xgbserver", map[string]int{"xgboost": 1}, both, byModelName},
	}, more...)), func(a, b Runtime) int { return strings.Compare(a.Name, b.Name) })
}

// Of is the version of that name. The zero Version, which any other name has,
// ships nothing and can do nothing.
func Of(name string) Version {
	for _, v := range versions() {
		if v.Name == name {
			return v
		}
	}
	return Version{}
}

// Names of the versions that can do something, the oldest first.
func Names(can func(Version) bool) []string {
	var out []string
	for _, v := range versions() {
		if can(v) {
			out = append(out, v.Name)
		}
	}
	return out
}
