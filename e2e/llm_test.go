package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const (
	llamaV1  = "registry.example.com/models/llama@sha256:833e6dd83a2276a104b53646c055a970e321d555817308e4fc542a6622e171f5"
	llamaV2  = "registry.example.com/models/llama@sha256:263404c443737f700d5cbd6c88d38534d4e8f4a09bfbbaad3756efdd3eaabb35"
	hubLlama = "hf://acme/llama:0123456789abcdef0123456789abcdef01234567"
)

// llmPod is what a version's pods are to load, and how.
type llmPod struct {
	// image holds the model; fetched are the arguments of what fetches it.
	image   string
	fetched []any
	// served is the name of the model, lora those of the adapters with their
	// folders.
	served string
	lora   map[string]string
	// replicas is 0 where nothing says how many.
	replicas int64
	// told is a part of vLLM's command line.
	told string
}

// llmCases are golden cases: the pods of each of their versions, by name.
var llmCases = map[string]map[string]llmPod{
	"llm":             {"assistant-833e6dd8": {image: llamaV1, served: "assistant"}},
	"llm-canary":      {"assistant-833e6dd8": {image: llamaV1, served: "assistant", replicas: 4}, "assistant-263404c4": {image: llamaV2, served: "assistant", replicas: 1}},
	"llm-canary-zero": {"assistant-833e6dd8": {image: llamaV1, served: "assistant"}, "assistant-263404c4": {image: llamaV2, served: "assistant"}},
	"llm-canary-settings": {
		"assistant-a8b09648": {image: llamaV1, served: "assistant", told: "--tensor-parallel-size 2"},
		"assistant-860e72d6": {image: llamaV1, served: "assistant", told: "--tensor-parallel-size 4"},
	},
	"llm-canary-adapter": {
		"assistant-82b0cc79": {served: "assistant", lora: map[string]string{"sql": "/mnt/lora/sql"}, fetched: []any{
			hubLlama, "/mnt/models", "hf://acme/sql-lora:89abcdef0123456789abcdef0123456789abcdef", "/mnt/lora/sql",
		}},
		"assistant-3d704d6f": {served: "assistant", lora: map[string]string{"sql": "/mnt/lora/sql"}, fetched: []any{
			hubLlama, "/mnt/models", "hf://acme/sql-lora:00000000000000000000000000000000000000aa", "/mnt/lora/sql",
		}},
	},
	"llm-everything": {"assistant-746c28dc": {
		served: "meta/llama-3.1-8b", replicas: 3, told: "--tensor-parallel-size 4",
		lora: map[string]string{"sql": "/mnt/lora/sql", "chat": "/mnt/lora/chat"},
		fetched: []any{
			hubLlama, "/mnt/models", "s3://models/chat-lora", "/mnt/lora/chat",
			"hf://acme/sql-lora:89abcdef0123456789abcdef0123456789abcdef", "/mnt/lora/sql",
		},
	}},
}

// TestLLMRendered: KServe's manager for LLMInferenceServices makes pods of what is
// rendered that load the verified artifacts and nothing else, under the name that
// requests ask for.
func TestLLMRendered(t *testing.T) {
	c := kserve.Get(t)
	for name, want := range llmCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the manager
			objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
			surroundings := parse(t, read(t, "testdata/llm/surroundings.yaml"))
			enter(t, c, name, append(surroundings, objects...))
			versions := ofKind(objects, "LLMInferenceService")
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(versions))); diff != "" {
				t.Fatalf("versions: -want, +rendered:\n%s", diff)
			}
			for version, service := range versions {
				defaultedOnly(t, c, service)
				d := made(t, c, service, "apps/v1", "Deployment", "-kserve")
				runsLLM(t, d, want[version])
			}
		})
	}
}

// defaultedOnly: KServe's webhooks only add to what is rendered, and applying it
// again changes nothing.
func defaultedOnly(t *testing.T, c *cluster.Cluster, o *cluster.Object) {
	t.Helper()
	stored, err := c.DryRun(t.Context(), o)
	if err != nil {
		t.Fatalf("%s again: %v", id(o), err)
	}
	more, other := drift("", o.Object["spec"], stored.Object["spec"])
	more = slices.DeleteFunc(more, func(field string) bool { return field == ".template.containers[0].resources: map[]" })
	if len(more)+len(other) > 0 {
		t.Errorf("%s: KServe adds to spec %v, and changes %v", id(o), more, other)
	}
}

func runsLLM(t *testing.T, d *cluster.Object, want llmPod) {
	t.Helper()
	spec := podSpec(t, d)
	main := container(t, spec, "main")
	if !strings.Contains(fmt.Sprint(main["env"]), "map[name:HF_HUB_OFFLINE value:1]") {
		t.Errorf("%s: vLLM may ask the hub: %v", id(d), main["env"])
	}
	command := fmt.Sprint(main["command"])
	for _, part := range []string{fmt.Sprintf("vllm serve /mnt/models \\\n  --served-model-name %q", want.served), want.told} {
		if !strings.Contains(command, part) {
			t.Errorf("%s: vLLM is not told %s", id(d), part)
		}
	}
	if diff := cmp.Diff(want.lora, loraModules(t, main, d.GetNamespace())); diff != "" {
		t.Errorf("%s: adapters: -want, +got:\n%s", id(d), diff)
	}
	if want.image != "" {
		for _, name := range []string{"modelcar-init", "modelcar"} {
			if got := container(t, spec, name)["image"]; got != want.image {
				t.Errorf("%s: %s runs %v", id(d), name, got)
			}
		}
	} else if diff := cmp.Diff(want.fetched, container(t, spec, "storage-initializer")["args"]); diff != "" {
		t.Errorf("%s: arguments of what fetches: -want, +got:\n%s", id(d), diff)
	}
	if got, found, _ := unstructured.NestedInt64(d.Object, "spec", "replicas"); want.replicas != 0 && (!found || got != want.replicas) {
		t.Errorf("%s: %d replicas", id(d), got)
	}
}

// loraModules are the adapters that vLLM is told, with their folders. Each is there
// under its whole name, too.
func loraModules(t *testing.T, main map[string]any, namespace string) map[string]string {
	t.Helper()
	var out map[string]string
	for _, arg := range strings.Fields(strings.ReplaceAll(fmt.Sprint(main["args"]), "'", "")) {
		var module struct{ Name, Path string }
		if json.Unmarshal([]byte(strings.Trim(arg, "[]")), &module) != nil || strings.HasPrefix(module.Name, "publishers/"+namespace) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[module.Name] = module.Path
	}
	return out
}
