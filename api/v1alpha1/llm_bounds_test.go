package v1alpha1

import (
	"fmt"
	"strings"
	"testing"
)

// TestLLMBounds: what is too long, too many or out of range is said where it
// stands.
func TestLLMBounds(t *testing.T) {
	adapters := func(n int) *LoRA {
		l := &LoRA{}
		for i := range n {
			l.Adapters = append(l.Adapters, Adapter{Name: fmt.Sprintf("a%d", i), Model: "x"})
		}
		return l
	}
	long := strings.Repeat("a", maxLLMName)
	for path, tt := range map[string]struct{ most, beyond *LLM }{
		"name":                   {&LLM{Name: long}, &LLM{Name: long + "a"}},
		"lora.adapters":          {&LLM{LoRA: adapters(maxAdapters)}, &LLM{LoRA: adapters(maxAdapters + 1)}},
		"lora.adapters[0].name":  {&LLM{LoRA: &LoRA{Adapters: []Adapter{{long[:maxLabel], "x"}}}}, &LLM{LoRA: &LoRA{Adapters: []Adapter{{long[:maxLabel+1], "x"}}}}},
		"parallelism.tensor":     {&LLM{Parallelism: &Parallelism{Tensor: maxParallelism}}, &LLM{Parallelism: &Parallelism{Tensor: maxParallelism + 1}}},
		"parallelism.pipeline":   {&LLM{Parallelism: &Parallelism{Pipeline: 1}}, &LLM{Parallelism: &Parallelism{Pipeline: -1}}},
		"parallelism.data":       {&LLM{Parallelism: &Parallelism{Data: 2, DataLocal: 1}}, &LLM{Parallelism: &Parallelism{Data: -2, DataLocal: 1}}},
		"parallelism.dataLocal":  {&LLM{Parallelism: &Parallelism{Data: 1, DataLocal: 1}}, &LLM{Parallelism: &Parallelism{Data: 1, DataLocal: -1}}},
		"scheduler.replicas":     {&LLM{Scheduler: &Scheduler{Replicas: 1}}, &LLM{Scheduler: &Scheduler{Replicas: -1}}},
		"lora.maxAdapters":       {nil, &LLM{LoRA: &LoRA{Adapters: adapters(1).Adapters, MaxAdapters: -1}}},
		"lora.maxCpuAdapters":    {nil, &LLM{LoRA: &LoRA{Adapters: adapters(1).Adapters, MaxCPUAdapters: maxLoRA + 1}}},
		"lora.adapters[0].model": {nil, &LLM{LoRA: &LoRA{Adapters: []Adapter{{Name: "a"}}}}},
	} {
		var e fieldErrors
		if e.llm("spec.llm", tt.most); len(e) > 0 {
			t.Errorf("%s: %v", path, e)
		}
		if e.llm("spec.llm", tt.beyond); len(e) != 1 || e[0].Path != "spec.llm."+path {
			t.Errorf("%s: %v", path, e)
		}
	}
}

// TestLLMAutoscaling: who scales can be chosen, and by what cannot.
func TestLLMAutoscaling(t *testing.T) {
	for name, tt := range map[string]struct {
		by   *Autoscaling
		path string
	}{
		"nothing":        {nil, ""},
		"by KEDA":        {&Autoscaling{Class: ScaleKEDA}, ""},
		"by pods":        {&Autoscaling{Class: ScaleHPA}, ""},
		"by nobody":      {&Autoscaling{Class: ScaleNone}, "spec.autoscaling.class"},
		"without saying": {&Autoscaling{}, "spec.autoscaling.class"},
		"by a metric":    {&Autoscaling{Class: ScaleKEDA, Metric: "cpu"}, "spec.autoscaling"},
		"by a query":     {&Autoscaling{Class: ScaleKEDA, Query: "up"}, "spec.autoscaling"},
		"to a target":    {&Autoscaling{Class: ScaleKEDA, Target: 5}, "spec.autoscaling"},
	} {
		var e fieldErrors
		e.llmAutoscaling("spec.autoscaling", tt.by)
		if (len(e) == 0) != (tt.path == "") || len(e) > 0 && e[0].Path != tt.path {
			t.Errorf("%s: %v, want %q", name, e, tt.path)
		}
	}
}
