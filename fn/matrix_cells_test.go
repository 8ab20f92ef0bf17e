package fn_test

import (
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// matrixModes are the modes, in the order of the documentation.
var matrixModes = []string{v1alpha1.ModeKnative, v1alpha1.ModeStandard}

// matrixArtifact is a row: a kind of artifact, by two models of it.
type matrixArtifact struct {
	// name of the row's directory; title is how the documentation names it.
	name, title   string
	stable, other string
	// more lines of the spec, which the second version inherits.
	more string
	// refused are the rules that refuse a cell of the row; nil is byMode.
	refused func(matrixCell) []string
}

const (
	iris     = "oci://" + registry + "models/iris"
	hub      = "hf://acme/fraud:"
	sklearn1 = "format: {name: sklearn, version: \"1\"}"
)

// byMode: Knative splits the traffic by weight and in no other way.
func byMode(c matrixCell) []string {
	if c.mode == v1alpha1.ModeKnative && (c.canary.role == "shadow" || strings.Contains(c.canary.traffic, "match:")) {
		return []string{"mode"}
	}
	return []string{}
}

// notServable is refused for what it is, whatever else is wrong.
func notServable(c matrixCell) []string { return append(byMode(c), "not-servable") }

var matrixArtifacts = []matrixArtifact{
	{"image", "`oci://` image", iris + ":v1", iris + ":v2", "", nil},
	{"index", "`oci://` index of images", "oci://" + registry + "models/index:v1", "oci://" + registry + "models/index:v2", "", nil},
	{"kit", "`kit://` ModelKit", "kit://" + fraud + ":v7", "kit://" + fraud + ":v8", "", nil},
	{"nested-kit", "`kit://` ModelKit on another", "kit://" + fraud + ":tuned", "kit://" + fraud + ":twice", "", nil},
	{"pack", "`kit://` ModelPack", "kit://" + registry + "models/pack:v1", "kit://" + registry + "models/pack:v2", "", nil},
	{"other", "another OCI artifact", "oci://" + registry + "models/other:v1", iris + ":v2", "format: {name: onnx}", notServable},
	{"hf", "`hf://` by commit", hub + strings.Repeat("01234567", 5), hub + strings.Repeat("89abcdef", 5), "format: {name: huggingface}", nil},
	{"s3", "`s3://`, a hash in its path", "s3://models/fraud/7d793037a0760186574b0282f2f435e7", "s3://models/fraud/9a0364b9e99bb480dd25e1f0284c8555", sklearn1, nil},
	{"gs", "`gs://`", "gs://models/fraud/v7", "gs://models/fraud/v8", sklearn1, nil},
	{"https", "`https://`", "https://models.example.com/fraud/v7.joblib", "https://models.example.com/fraud/v8.joblib", sklearn1, nil},
	{"pvc", "`pvc://`", "pvc://models/fraud/v7", "pvc://models/fraud/v8", sklearn1, nil},
	{"llm-image", "large language model, `oci://` image", "oci://" + registry + "models/llama:v1", "oci://" + registry + "models/llama:v2", "llm: {}", llmRules},
	{"llm-hf", "large language model, `hf://` by commit", "hf://acme/llama:" + strings.Repeat("01234567", 5), "hf://acme/llama:" + strings.Repeat("89abcdef", 5), "llm: {}", llmRules},
}

// llmRules: a group of LLMInferenceServices splits the traffic by weight only, and
// loads no kit.
func llmRules(c matrixCell) []string {
	switch c.canary.name {
	case "match", "match-weight", "shadow", "other-kind":
		return []string{"llm"}
	}
	return []string{}
}

// unsigned lets in the rows that nobody can sign.
const unsigned = `- match: ["hf://acme/**", "s3://models/**", "gs://models/**", "https://models.example.com/**", "pvc://models/**"]
  unsafeUnsigned: true`

// matrixCanary is a column: a second version, and which requests it gets.
type matrixCanary struct {
	name, title string
	// role is canary, shadow, or nothing.
	role string
	// version are the fields in which the second version differs, traffic those
	// that say what it gets.
	version func(matrixArtifact) (model, fields string)
	traffic string
	// weights of both versions, by rule of the route.
	weights [][2]int64
}

const toHeaders = "match: {x-canary: always}"

var matrixCanaries = []matrixCanary{
	{"none", "none", "", nil, "", [][2]int64{{100, 0}}},
	{"weight-10", "weight 10", "canary", another, "weight: 10", [][2]int64{{90, 10}}},
	{"weight-0", "weight 0", "canary", another, "weight: 0", [][2]int64{{100, 0}}},
	{"match", "match", "canary", another, toHeaders, [][2]int64{{0, 100}, {100, 0}}},
	{"match-weight", "match and weight", "canary", another, toHeaders + "\nweight: 10", [][2]int64{{0, 100}, {90, 10}}},
	{"shadow", "shadow", "shadow", another, "", [][2]int64{{100, 0}}},
	{"settings", "other settings", "canary", settings, "weight: 10", [][2]int64{{90, 10}}},
	{"other-kind", "another kind", "canary", anotherKind, "weight: 10", [][2]int64{{90, 10}}},
}

// another is a second model of the same kind.
func another(a matrixArtifact) (model, fields string) { return a.other, "model: " + a.other }

// settings is the same model with more memory.
func settings(a matrixArtifact) (model, fields string) {
	return a.stable, "resources: {limits: {memory: 8Gi}}"
}

// anotherKind is an image beside a kit, and a kit beside everything else.
func anotherKind(a matrixArtifact) (model, fields string) {
	if strings.HasPrefix(a.stable, "kit://") {
		return iris + ":v1", "model: " + iris + ":v1\nformat: {name: onnx}"
	}
	return "kit://" + fraud + ":v8", "model: kit://" + fraud + ":v8\nformat: {name: sklearn}"
}
