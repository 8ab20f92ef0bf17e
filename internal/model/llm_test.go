package model

import (
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestLoaded: adapters are looked at beside their version; those that a canary
// inherits once, its own besides.
func TestLoaded(t *testing.T) {
	lora := func(uri string) *v1alpha1.LLM {
		return &v1alpha1.LLM{LoRA: &v1alpha1.LoRA{Adapters: []v1alpha1.Adapter{{Name: "sql", Model: uri}}}}
	}
	d := &v1alpha1.ModelDeployment{}
	d.Spec.Model, d.Spec.LLM = "hf://a/base:x", lora("hf://a/sql:x")
	for name, test := range map[string]struct {
		canary *v1alpha1.LLM
		fields []string
	}{
		"inherits": {&v1alpha1.LLM{Name: "other"}, []string{"spec", "spec.canary", "spec.llm.lora.adapters[0]"}},
		"has its own": {lora("hf://a/sql:y"), []string{
			"spec", "spec.canary", "spec.llm.lora.adapters[0]", "spec.canary.llm.lora.adapters[0]",
		}},
	} {
		d.Spec.Canary = &v1alpha1.Canary{Version: v1alpha1.Version{LLM: test.canary}}
		m := New(d, finding.Resource{}, &Platform{})
		var fields []string
		for _, v := range m.Loaded() {
			fields = append(fields, v.Field)
		}
		if len(fields) != len(test.fields) {
			t.Fatalf("%s: %v, want %v", name, fields, test.fields)
		}
		for i := range fields {
			if fields[i] != test.fields[i] {
				t.Errorf("%s: %v, want %v", name, fields, test.fields)
			}
		}
		if len(m.Parts()) != len(fields) {
			t.Errorf("%s: %d parts", name, len(m.Parts()))
		}
	}
}

// TestVersionNameOfLLM: KServe refuses an LLMInferenceService that changes over how
// many GPUs it is spread, so that is another object; its other settings are not.
func TestVersionNameOfLLM(t *testing.T) {
	named := func(llm *v1alpha1.LLM) string {
		kit := testsign.Kit("fraud", "7.0.0")
		m := versions(t, "fraud", kit, kit, nil)
		m.Stable.Spec.LLM = llm
		return m.VersionName(&m.Stable)
	}
	plain := named(nil)
	if got := named(&v1alpha1.LLM{Name: "x", Scheduler: &v1alpha1.Scheduler{}}); got != plain {
		t.Errorf("named %s, and %s by settings that can change", plain, got)
	}
	two, four := named(&v1alpha1.LLM{Parallelism: &v1alpha1.Parallelism{Tensor: 2}}), named(&v1alpha1.LLM{Parallelism: &v1alpha1.Parallelism{Tensor: 4}})
	if two == plain || four == plain || two == four {
		t.Errorf("%s, over two GPUs %s, over four %s", plain, two, four)
	}
}
