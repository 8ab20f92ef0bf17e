package v1alpha1

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/pattern"
)

var (
	// llmName is a model's name in requests. KServe v0.20.0 writes it, unquoted,
	// into a shell's command line, into the path of a route and into a header.
	llmName = pattern.New(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)*$`)
	// adapterName has no slash: KServe would load "a/b" and "a_b" from one folder.
	adapterName = pattern.New(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

const (
	maxLLMName = 128
	// maxAdapters bounds how many adapters are pinned for one version.
	maxAdapters = 64
	// maxBaseRefs bounds how many configs KServe fetches and merges, twice each.
	maxBaseRefs = 16
	// maxParallelism and maxLoRA bound numbers that KServe takes as they are.
	maxParallelism = 4096
	maxLoRA        = 65536
)

// llm checks what is served by an LLMInferenceService.
func (e *fieldErrors) llm(path string, l *LLM) {
	if l == nil {
		return
	}
	if l.Name != "" && (!llmName.MatchString(l.Name) || len(l.Name) > maxLLMName) {
		e.add(path+".name", "use letters, digits, '.', '_', '-' and '/', as in meta/llama-3.1-8b", "%q cannot name a model in requests", l.Name)
	}
	e.parallelism(path+".parallelism", l.Parallelism)
	e.lora(path+".lora", l.LoRA)
	if l.Scheduler != nil {
		e.number(path+".scheduler.replicas", l.Scheduler.Replicas, maxParallelism)
	}
	if len(l.BaseRefs) > maxBaseRefs {
		e.add(path+".baseRefs", "merge some of them in the cluster", "%d configs, at most %d are supported", len(l.BaseRefs), maxBaseRefs)
		return
	}
	for i, ref := range l.BaseRefs {
		if !subdomain.MatchString(ref) || len(ref) > maxSubdomain {
			e.add(fmt.Sprintf("%s.baseRefs[%d]", path, i), "use the name of an LLMInferenceServiceConfig", "%q is no resource name", ref)
		}
	}
}

// parallelism: what KServe refuses when the object is applied is said here.
func (e *fieldErrors) parallelism(path string, p *Parallelism) {
	if p == nil {
		return
	}
	e.number(path+".tensor", p.Tensor, maxParallelism)
	e.number(path+".pipeline", p.Pipeline, maxParallelism)
	e.number(path+".data", p.Data, maxParallelism)
	e.number(path+".dataLocal", p.DataLocal, maxParallelism)
	if (p.Data != 0) != (p.DataLocal != 0) {
		e.add(path, "set both, or neither", "data and dataLocal go together")
	}
	if p.Pipeline != 0 && p.Data != 0 {
		e.add(path, "keep one of them", "pipeline and data exclude each other")
	}
}

func (e *fieldErrors) lora(path string, l *LoRA) {
	if l == nil {
		return
	}
	if len(l.Adapters) == 0 {
		e.add(path+".adapters", "list the adapters, or remove lora", "required")
	}
	if len(l.Adapters) > maxAdapters {
		e.add(path+".adapters", "deploy them in several ModelDeployments", "%d adapters, at most %d are followed", len(l.Adapters), maxAdapters)
	}
	seen := map[string]bool{}
	for i, a := range l.Adapters {
		at := fmt.Sprintf("%s.adapters[%d]", path, i)
		if !adapterName.MatchString(a.Name) || len(a.Name) > maxLabel {
			e.add(at+".name", "use letters, digits, '.', '_' and '-', at most 63", "%q cannot name an adapter", a.Name)
		}
		if seen[a.Name] {
			e.add(at+".name", "give each adapter a name of its own", "%q is there twice", a.Name)
		}
		seen[a.Name] = true
		if a.Model == "" {
			e.add(at+".model", "name the adapter, such as hf://acme/sql-lora:COMMIT", "required")
		}
	}
	e.number(path+".maxRank", l.MaxRank, maxLoRA)
	e.number(path+".maxAdapters", l.MaxAdapters, maxLoRA)
	e.number(path+".maxCpuAdapters", l.MaxCPUAdapters, maxLoRA)
}

// llmAutoscaling: KServe's autoscaler of large language models decides by measures
// of its own, and only who acts upon them can be chosen.
func (e *fieldErrors) llmAutoscaling(path string, a *Autoscaling) {
	if a == nil {
		return
	}
	e.oneOf(path+".class", a.Class, ScaleHPA, ScaleKEDA)
	if a.Metric != "" || a.Query != "" || a.Target != 0 {
		e.add(path, "remove metric, query and target", "KServe scales a large language model by measures of its own")
	}
}

// number checks a count, of which 0 says nothing.
func (e *fieldErrors) number(path string, n, limit int) {
	if n < 0 || n > limit {
		e.add(path, fmt.Sprintf("use a whole number from 1 to %d", limit), "%d is out of range", n)
	}
}
