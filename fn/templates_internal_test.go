package fn

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/object"
)

// TestTemplates: nothing that KServe executes holds a template, whoever wrote it.
// What it does with either kind is shown in e2e.
func TestTemplates(t *testing.T) {
	action := "{{ printf `%c` 34 }}"
	spec := func(of ...object.Field) object.Map { return object.Map{{Key: "spec", Value: object.Map(of)}} }
	predictor := func(key string, value any) object.Map {
		return spec(object.Field{Key: "predictor", Value: object.Map{{Key: key, Value: value}}})
	}
	quantities := object.Map{{Key: "resources", Value: object.Map{{Key: "limits", Value: object.Map{{Key: action, Value: "1"}}}}}}
	for name, tt := range map[string]struct {
		reason string
		object object.Object
		at     string
	}{
		"name of an artifact": {
			"its publisher writes it", object.Object{Kind: "LLMInferenceService", Annotations: map[string]string{"modelfn.dev/model-name": action}},
			"metadata.annotations.modelfn.dev/model-name",
		},
		"text in a list": {
			"all of the spec is executed", object.Object{Kind: "LLMInferenceService", Body: spec(object.Field{Key: "a", Value: object.List{"b", action}})},
			"spec.a[1]",
		},
		"name of a resource": {"it is in the container", object.Object{Kind: "InferenceService", Body: predictor("model", quantities)}, ""},
		"annotation of an InferenceService": {
			"only its container is executed", object.Object{Kind: "InferenceService", Annotations: map[string]string{"a": action}}, "none",
		},
		"a query": {"nor is this", object.Object{Kind: "InferenceService", Body: predictor("autoScaling", action)}, "none"},
		"braces":  {"one is none", object.Object{Kind: "LLMInferenceService", Body: spec(object.Field{Key: "a", Value: "{b}}"})}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			want := []string{tt.at + " of the " + tt.object.Kind + " would hold {{, which KServe executes as a template"}
			switch tt.at {
			case "none":
				want = nil
			case "":
				want = []string{"spec.predictor.model.resources.limits.\"{{ printf `%c` 34 }}\" of the InferenceService would hold {{, which KServe executes as a template"}
			}
			var got []string
			for _, f := range templates([]Generated{{Object: tt.object}}) {
				got = append(got, f.Message)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tt.reason, diff)
			}
		})
	}
}
