package v1alpha1

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLLMWith: a canary overrides field by field, and leaves the stable version's
// as they are.
func TestLLMWith(t *testing.T) {
	stable := &LLM{
		Name: "meta/llama", Parallelism: &Parallelism{Tensor: 2}, LoRA: &LoRA{MaxRank: 8},
		Scheduler: &Scheduler{Replicas: 1}, BaseRefs: []string{"a"},
	}
	before := *stable
	other := &LLM{
		Name: "meta/other", Parallelism: &Parallelism{Tensor: 4}, LoRA: &LoRA{MaxRank: 16},
		Scheduler: &Scheduler{}, BaseRefs: []string{},
	}
	for name, test := range map[string]struct{ base, over, want *LLM }{
		"neither":        {nil, nil, nil},
		"no canary":      {stable, nil, stable},
		"canary only":    {nil, other, other},
		"nothing set":    {stable, &LLM{}, stable},
		"all set":        {stable, other, other},
		"one of them":    {stable, &LLM{Parallelism: other.Parallelism}, &LLM{"meta/llama", other.Parallelism, stable.LoRA, stable.Scheduler, stable.BaseRefs}},
		"an empty one":   {stable, &LLM{Scheduler: &Scheduler{}}, &LLM{"meta/llama", stable.Parallelism, stable.LoRA, &Scheduler{}, stable.BaseRefs}},
		"no base at all": {stable, &LLM{BaseRefs: []string{}}, &LLM{"meta/llama", stable.Parallelism, stable.LoRA, stable.Scheduler, []string{}}},
	} {
		if diff := cmp.Diff(test.want, test.base.With(test.over)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(before, *stable); diff != "" {
		t.Errorf("the stable version changed:\n%s", diff)
	}
}

// TestLLMNames: what KServe would write into a shell's command line, a path and a
// header has nothing that means something there.
func TestLLMNames(t *testing.T) {
	for _, name := range []string{"llama", "meta/llama-3.1-8b", "a/b/c", "A_1"} {
		var e fieldErrors
		if e.llm("spec.llm", &LLM{Name: name}); len(e) > 0 {
			t.Errorf("%q: %v", name, e)
		}
	}
	for _, name := range []string{
		"a b", "a;b", "$(id)", "`id`", `"`, "'", "a&b", "a|b", "a>b", "{{.Name}}", "a\nb", "../a", "a/../b", "a//b", "/a", "a/", "-a", "a-", ".", "é", "a%2fb", "a?b", "a#b",
	} {
		var e fieldErrors
		if e.llm("spec.llm", &LLM{Name: name}); len(e) != 1 || e[0].Path != "spec.llm.name" {
			t.Errorf("%q as a name: %v", name, e)
		}
		e = nil
		if e.llm("spec.llm", &LLM{LoRA: &LoRA{Adapters: []Adapter{{Name: name, Model: "x"}}}}); len(e) != 1 || e[0].Path != "spec.llm.lora.adapters[0].name" {
			t.Errorf("%q as an adapter's name: %v", name, e)
		}
	}
}

// TestLLMConfigs: KServe fetches and merges each config that is named.
func TestLLMConfigs(t *testing.T) {
	for n, want := range map[int][]FieldError{
		16: nil,
		17: invalid("spec.llm.baseRefs", "17 configs, at most 16 are supported", "merge some of them in the cluster"),
	} {
		var e fieldErrors
		e.llm("spec.llm", &LLM{BaseRefs: slices.Repeat([]string{"a"}, n)})
		if diff := cmp.Diff(want, []FieldError(e)); diff != "" {
			t.Errorf("%d: -want +got:\n%s", n, diff)
		}
	}
}
