package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
)

// llmVersion: what the platform's version of KServe cannot do for an
// LLMInferenceService, and another can. The older one accepts adapters and loads
// none.
func llmVersion(m *model.Model) finding.List {
	var out finding.List
	add := func(used bool, field, what string, can func(kserve.LLM) bool) {
		if used && !can(m.Platform.KServe().LLM) {
			others := kserve.Names(func(v kserve.Version) bool { return can(v.LLM) })
			out = append(out, refuse(m, "kserve-version", field,
				fmt.Sprintf("KServe %s cannot %s, and %s can", m.Platform.KServe().Name, what, strings.Join(others, ", ")),
				fmt.Sprintf("remove it, or set spec.serving.kserve of the platform to %s, once the cluster has it", strings.Join(others, " or "))))
		}
	}
	if m.Canary != nil {
		add(true, m.Canary.Field, "share requests between LLMInferenceServices", func(l kserve.LLM) bool { return l.RouteGroups })
	}
	if lora := m.Stable.Spec.LLM.LoRA; lora != nil {
		add(len(lora.Adapters) > 0, "spec.llm.lora.adapters", "load adapters", func(l kserve.LLM) bool { return l.Adapters })
		add(lora.MaxRank+lora.MaxAdapters+lora.MaxCPUAdapters > 0, "spec.llm.lora", "bound adapters", func(l kserve.LLM) bool { return l.AdapterLimits })
	}
	return out
}
