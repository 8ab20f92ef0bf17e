package validators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// llmConfigs: a config of the cluster may hold containers and adapters of its
// own, so the platform says which may be used.
func llmConfigs(m *model.Model, v *model.Version) finding.List {
	if v == m.Canary && (m.Share.LLM == nil || m.Share.LLM.BaseRefs == nil) {
		return nil
	}
	var out finding.List
	for i, name := range v.Spec.LLM.BaseRefs {
		if !slices.Contains(m.Platform.Spec.Serving.LLMConfigs, name) {
			out = append(out, refuse(m, "llm-config", fmt.Sprintf("%s.llm.baseRefs[%d]", v.Field, i),
				fmt.Sprintf("%q is not among the configs of platform %s: it could load another model, or another server, than the verified one", name, m.Platform.Name),
				"remove it, or have the platform list it in spec.serving.llmConfigs"))
		}
	}
	return out
}
