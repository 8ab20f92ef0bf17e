package e2e_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// TestClassicPolicyOfLLM: Kyverno's older policies hold a large language model to
// what was rendered, too, with its adapters and its signature.
func TestClassicPolicyOfLLM(t *testing.T) {
	w := named(t)
	llama := func(tag string) string {
		digest, err := w.publisher.Modelcar(t.Context(), "models/llama:"+tag, publish.Modelcar{Files: map[string][]byte{"weights": []byte(tag)}})
		if err != nil {
			t.Fatal(err)
		}
		if tag == "v1" {
			w.sign(t, legacy, digest)
		}
		return digest.DigestStr()
	}
	good, unsigned := llama("v1"), llama("v2")
	platform := inStandardMode(w.older(t, map[string]any{"match": []any{"s3://models/**"}, "unsafeUnsigned": true}))
	delete(platform["spec"].(map[string]any), "provenance")
	app := directory(t, platform, map[string]spec{"assistant": {
		"model": w.uri("oci://", "models/llama:v1"),
		"llm":   spec{"lora": spec{"adapters": []any{spec{"name": "chat", "model": "s3://models/chat-lora"}}}},
	}})
	w.lock(t, app)
	var policy, service string
	for id, o := range parseObjects(t, stdout(t, w.run(t, app, "build"))) {
		switch {
		case strings.HasPrefix(id, "LLMInferenceService "):
			service = toYAML(t, o)
		case id == "Policy ml-serving/modelfn-assistant":
			policy = toYAML(t, o)
		}
	}
	other := func(text string) string { return strings.ReplaceAll(text, good, unsigned) }
	note := func(text string) string {
		return meta(t, service, func(m map[string]any) { m["annotations"].(map[string]any)["note"] = text })
	}
	managed := meta(t, service, func(m map[string]any) {
		m["managedFields"] = []any{map[string]any{"manager": "{{ x }}"}}
	})
	half := host.Counts{Pass: 2, Fail: 1}
	const loaded = "the model, its adapters and how it is loaded must be as they were verified"
	w.judgeClassic(t, map[string]classicTrial{
		"as rendered":                 {policy, service, "", host.Counts{Pass: 3}, ""},
		"another digest":              {policy, other(service), "", host.Counts{Fail: 1}, loaded},
		"listed but unsigned":         {other(policy), other(service), "", host.Counts{Pass: 1, Fail: 2}, classicUnsigned},
		"another adapter":             {policy, strings.ReplaceAll(service, "s3://models/chat-lora", "s3://models/evil"), "", half, loaded},
		"an older version of it":      {policy, strings.ReplaceAll(service, "kserve.io/v1alpha2", "kserve.io/v1alpha1"), "", host.Counts{Pass: 3}, ""},
		"a brace in an annotation":    {policy, note("{ a }"), "", host.Counts{Pass: 3}, ""},
		"a template in an annotation": {policy, note("{{ a }}"), "", half, "KServe executes {"},
		"a template as who wrote it":  {policy, managed, service, host.Counts{Skip: 2, Fail: 1}, "KServe executes {"},
		"nothing of it changed":       {policy, service, service, host.Counts{Skip: 3}, ""},
	})
}
