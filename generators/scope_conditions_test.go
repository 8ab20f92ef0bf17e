package generators

import (
	"slices"
	"testing"

	"github.com/modelfn/modelfn/internal/object"
)

// TestConditionsAtScopePlatform: what is asked about, and what is left alone. Without
// any of the conditions something else would be.
func TestConditionsAtScopePlatform(t *testing.T) {
	p := platformOf(t, `
apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata: {name: prod}
spec:
  trust: [{match: [a.example/models/**], authorities: [{name: ci, keyless: {issuer: https://issuer.example.com, subject: https://example.com/ci}}]}]
  allowForeign: [{kind: InferenceService, name: legacy}, {kind: LLMInferenceService, name: other}]
`)
	rule := p.Trust.Rules()[0]
	byEngine := map[string]object.List{
		"trust rule": ruleGuard{p: p, rule: rule, concerns: concerned(p, rule)}.conditions(),
		"records":    recordGuard(p).matchConditions(),
	}
	service := m{
		"apiVersion": "serving.kserve.io/v1beta1", "kind": kindInferenceService,
		"metadata": m{"name": "fraud", "namespace": "ml-serving", "labels": m{}, "annotations": m{}},
		"spec":     m{"predictor": m{"model": m{"storageUri": "kit://a.example/models/fraud@" + aDigest}}},
	}
	with := func(change m) m { return patched(service, change) }
	legacy := m{"metadata": m{"name": "legacy"}}
	for name, tt := range map[string]struct {
		object, old m
		asked       map[string]bool
		// by is the condition that leaves it alone.
		by string
	}{
		"created":              {service, nil, both(true), ""},
		"another spec":         {with(m{"spec": m{"predictor": m{"minReplicas": 2}}}), service, both(true), ""},
		"another label":        {with(m{"metadata": m{"labels": m{"a": "b"}}}), service, both(true), ""},
		"another annotation":   {with(m{"metadata": m{"annotations": m{"a": "b"}}}), service, both(true), ""},
		"a finalizer":          {with(m{"metadata": m{"finalizers": []any{"x"}}}), service, both(false), "changed"},
		"deleted":              {with(m{"metadata": m{"deletionTimestamp": "x", "annotations": m{"a": "b"}}}), with(m{"metadata": m{"deletionTimestamp": "x"}}), both(false), "changed"},
		"somebody else's":      {with(legacy), nil, both(false), "not-foreign"},
		"claimed as ours":      {patched(with(legacy), m{"metadata": m{"labels": m{DeploymentLabel: "fraud"}}}), nil, both(true), ""},
		"of no rule's":         {with(m{"spec": m{"predictor": m{"model": m{"storageUri": "s3://a/b"}}}}), nil, map[string]bool{"records": true}, "concerned"},
		"a foreign model's":    {m{"apiVersion": "serving.kserve.io/v1alpha2", "kind": kindLLMInferenceService, "metadata": m{"name": "other"}, "spec": m{"model": m{"uri": "kit://a.example/models/x@" + aDigest}}}, nil, both(false), "not-foreign"},
		"a language model":     {m{"apiVersion": "serving.kserve.io/v1alpha2", "kind": kindLLMInferenceService, "metadata": m{"name": "x"}, "spec": m{"model": m{"uri": "kit://a.example/models/x@" + aDigest}}}, nil, both(true), ""},
		"an adapter of a rule": {m{"apiVersion": "serving.kserve.io/v1alpha2", "kind": kindLLMInferenceService, "metadata": m{"name": "x"}, "spec": m{"model": m{"uri": "hf://a/b", "lora": m{"adapters": []any{m{"uri": "kit://a.example/models/x@" + aDigest}}}}}}, nil, both(true), ""},
	} {
		for engine, conditions := range byEngine {
			t.Run(engine+", "+name, func(t *testing.T) {
				asked := func(list object.List) bool {
					return !slices.ContainsFunc(list, func(c any) bool {
						var old any
						if tt.old != nil {
							old = tt.old
						}
						holds, err := newAPIServer(t).eval(t, c.(object.Map).Get("expression").(string), map[string]any{"object": tt.object, "oldObject": old})
						if err != nil {
							t.Fatal(err)
						}
						return holds != true
					})
				}
				if got := asked(conditions); got != tt.asked[engine] {
					t.Errorf("asked: %t", got)
				}
				if tt.asked[engine] {
					return
				}
				left := slices.DeleteFunc(slices.Clone(conditions), func(c any) bool { return c.(object.Map).Get("name") == tt.by })
				if len(left) != len(conditions)-1 || !asked(left) {
					t.Errorf("%s is not what leaves it alone", tt.by)
				}
			})
		}
	}
}

func both(asked bool) map[string]bool { return map[string]bool{"trust rule": asked, "records": asked} }
