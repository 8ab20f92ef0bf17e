package e2e_test

import (
	"testing"

	"sigs.k8s.io/yaml"
)

// TestLLMPolicy: the real Kyverno lets in a large language model as it was rendered,
// with other replicas and weights, and nothing by which KServe would load something
// else, run something else, or lead other requests there.
func TestLLMPolicy(t *testing.T) {
	w := named(t)
	all := parseObjects(t, read(t, "../testdata/llm-kyverno-everything/expected.yaml"))
	policy := toYAML(t, all["NamespacedValidatingPolicy llm/modelfn-assistant"])
	rendered := toYAML(t, all["LLMInferenceService llm/assistant-746c28dc"])
	changed := func(change func(meta, spec, template, main map[string]any)) string {
		var o object
		if err := yaml.Unmarshal([]byte(rendered), &o); err != nil {
			t.Fatal(err)
		}
		spec := o["spec"].(map[string]any)
		template := spec["template"].(map[string]any)
		change(o["metadata"].(map[string]any), spec, template, template["containers"].([]any)[0].(map[string]any))
		return toYAML(t, o)
	}
	const (
		fields, whose = "only the fields that were rendered may be set", "the requests of others must stay theirs"
		loaded, inert = "the model, its adapters and how it is loaded must be as they were verified", "KServe executes {{"
		action        = "{{ $q := printf `%c` 34 }}"
	)
	trials := map[string]trial{"as rendered": {policy, rendered, ""}}
	for name, tt := range map[string]struct {
		reason string
		change func(meta, spec, template, main map[string]any)
	}{
		"more copies": {"", func(_, spec, _, _ map[string]any) {
			scaling := spec["scaling"].(map[string]any)
			scaling["minReplicas"], scaling["maxReplicas"] = 4, 8
		}},
		"another weight":      {"", func(_, spec, _, _ map[string]any) { route(spec)["weight"] = 40 }},
		"defaulted resources": {"", func(meta, _, _, _ map[string]any) { meta["annotations"].(map[string]any)["note"] = "{ a }" }},
		"another group":       {whose, func(_, spec, _, _ map[string]any) { route(spec)["group"] = "other-team" }},
		"another gateway": {whose, func(_, spec, _, _ map[string]any) {
			spec["router"].(map[string]any)["gateway"] = map[string]any{"refs": []any{map[string]any{"name": "public", "namespace": "kserve"}}}
		}},
		"what the autoscaler is told": {whose, func(_, spec, _, _ map[string]any) {
			spec["scaling"].(map[string]any)["wva"] = map[string]any{"variantCost": "10.0", "hpa": map[string]any{"behavior": map[string]any{"scaleUp": map[string]any{"selectPolicy": action}}}}
		}},
		"a route of its own":           {fields, func(_, spec, _, _ map[string]any) { route(spec)["http"] = map[string]any{} }},
		"a worker":                     {fields, func(_, spec, _, _ map[string]any) { spec["worker"] = map[string]any{} }},
		"a template in an annotation":  {inert, func(meta, _, _, _ map[string]any) { meta["annotations"].(map[string]any)["note"] = action }},
		"a template as who applied it": {inert, func(meta, _, _, _ map[string]any) { meta["managedFields"] = []any{map[string]any{"manager": action}} }},
		"a template as its owner": {inert, func(meta, _, _, _ map[string]any) {
			meta["ownerReferences"] = []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": action}}
		}},
		"a template in a selector":   {loaded, func(_, _, template, _ map[string]any) { template["nodeSelector"] = map[string]any{"gpu": action} }},
		"a template in a toleration": {loaded, func(_, _, template, _ map[string]any) { template["tolerations"] = []any{map[string]any{"key": action}} }},
		"another account":            {loaded, func(_, _, template, _ map[string]any) { template["serviceAccountName"] = "admin" }},
		"a field more":               {loaded, func(_, _, template, _ map[string]any) { template["schedulerName"] = "x" }},
		"a template in a resource": {loaded, func(_, _, _, main map[string]any) {
			main["resources"] = map[string]any{"limits": map[string]any{action: "1"}}
		}},
		"the hub":        {loaded, func(_, _, _, main map[string]any) { delete(main, "env") }},
		"a second main":  {loaded, func(_, _, template, main map[string]any) { template["containers"] = []any{main, main} }},
		"other argument": {loaded, func(_, _, _, main map[string]any) { main["args"] = []any{"--max-model-len=8192", "--model=evil/x"} }},
	} {
		trials[name] = trial{policy, changed(tt.change), tt.reason}
	}
	w.judge(t, trials)
}

func route(spec map[string]any) map[string]any {
	return spec["router"].(map[string]any)["route"].(map[string]any)
}
