package generators

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/object"
)

// recorded is what a golden case renders for scope Platform: an object of a version,
// and the server that holds it to its record.
func recorded(t *testing.T, name, kind string) (*apiServer, map[string]any) {
	t.Helper()
	var service, record map[string]any
	for _, o := range objectsOf(t, contents(t, "../testdata/"+name+"/expected.yaml")) {
		switch {
		case o["kind"] == kindConfigMap:
			record = o
		case o["kind"] == kind && service == nil:
			service = o
		}
	}
	other := patched(record, map[string]any{"metadata": map[string]any{"name": "modelfn-toy", "labels": map[string]any{DeploymentLabel: "toy"}}, "data": map[string]any{"stable": "kit://toy"}})
	return newAPIServer(t).recording(platformOf(t, contents(t, "../testdata/"+name+"/platform.yaml")), other, record), service
}

type m = map[string]any

const zeros = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"

// TestRecords: what admission holds a deployment to at scope Platform is its own
// record, whichever others there are.
func TestRecords(t *testing.T) {
	const digest, image, label, canary = "the model and its adapters must be those", "the images of containers must be those", "the label modelfn.dev/deployment must stay", "must be rolled out before its canary comes"
	relabelled := func(value any) m { return m{"metadata": m{"labels": m{DeploymentLabel: value}}} }
	uri := func(uri string) m { return m{"spec": m{"predictor": m{"model": m{"storageUri": uri}}}} }
	for name, tt := range map[string]struct {
		of, kind string
		change   m
		// created and updated are the reasons; none where it is let in.
		created, updated string
	}{
		"as rendered":                  {"scope-platform", kindInferenceService, nil, "", ""},
		"another digest":               {"scope-platform", kindInferenceService, uri("oci://registry.example.com/models/iris" + zeros), digest, digest},
		"a tag":                        {"scope-platform", kindInferenceService, uri("oci://registry.example.com/models/iris:v1"), digest, digest},
		"another scheme":               {"scope-platform", kindInferenceService, uri("oci+native://registry.example.com/models/iris@sha256:4f03a34c6b898baf942696243f4dd3909bb88e0de507cb0df23990608d3bbfd9"), digest, digest},
		"another deployment's":         {"scope-platform", kindInferenceService, uri("kit://toy"), digest, digest},
		"an image beside it":           {"scope-platform", kindInferenceService, m{"spec": m{"predictor": m{"containers": []any{m{"name": "x", "image": "registry.example.com/images/guard" + zeros}}}}}, image, image},
		"another transformer":          {"scope-platform", kindInferenceService, m{"spec": m{"transformer": m{"containers": []any{m{"image": "registry.example.com/images/guard" + zeros}}}}}, image, image},
		"another explainer":            {"scope-platform", kindInferenceService, m{"spec": m{"explainer": m{"containers": []any{m{"image": "registry.example.com/images/guard" + zeros}}}}}, image, image},
		"a deployment without records": {"scope-platform", kindInferenceService, relabelled("new"), "", label},
		"no deployment":                {"scope-platform", kindInferenceService, relabelled(nil), "", label},
		"a canary without its stable":  {"scope-platform-knative", kindInferenceService, nil, canary, ""},
		"a language model":             {"scope-platform-llm", kindLLMInferenceService, nil, "", ""},
		"another language model":       {"scope-platform-llm", kindLLMInferenceService, m{"spec": m{"model": m{"uri": "hf://acme/llama:main"}}}, digest, digest},
		"another adapter":              {"scope-platform-llm", kindLLMInferenceService, m{"spec": m{"model": m{"lora": m{"adapters": []any{m{"name": "sql", "uri": "hf://acme/other"}}}}}}, digest, digest},
	} {
		t.Run(name, func(t *testing.T) {
			server, was := recorded(t, tt.of, tt.kind)
			o := patched(was, tt.change)
			for _, way := range []struct {
				old  m
				want string
			}{{nil, tt.created}, {was, tt.updated}} {
				messages, _ := server.denials(t, o, way.old)
				if got := unique(messages); way.want == "" && len(got) > 0 || way.want != "" && (len(got) != 1 || !strings.Contains(got[0], way.want)) {
					t.Errorf("%q, want %q", messages, way.want)
				}
			}
			if tt.created != "" {
				without(t, server, o, tt.created)
			}
		})
	}
}

// without: what is refused is let in by the policy that lacks the rule.
func without(t *testing.T, server *apiServer, o m, reason string) {
	t.Helper()
	for i, p := range server.policies {
		var left object.List
		for _, v := range p.validations {
			if !strings.Contains(v.(object.Map).Get("message").(string), reason) {
				left = append(left, v)
			}
		}
		if len(left) != len(p.validations)-1 {
			t.Errorf("%d of %d rules are left without %q", len(left), len(p.validations), reason)
		}
		server.policies[i].validations = left
	}
	if messages, _ := server.denials(t, o, nil); len(messages) > 0 {
		t.Errorf("refused without the rule: %q", messages)
	}
}

func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
