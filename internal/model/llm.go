package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// LLM tells whether an LLMInferenceService serves the model.
func (m *Model) LLM() bool { return m.Deployment.Spec.LLM != nil }

// LLMName is the name by which requests ask for a version of an LLM.
func (m *Model) LLMName(v *Version) string {
	return cmp.Or(v.Spec.LLM.Name, m.Deployment.Metadata.Name)
}

// Loaded are the versions, and the adapters that are loaded beside them, each
// once.
func (m *Model) Loaded() []*Version {
	out := m.Versions()
	for _, v := range m.Versions() {
		for _, a := range v.Adapters {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// newAdapters are the adapters of an LLM, not yet pinned.
func newAdapters(field string, llm *v1alpha1.LLM) []*Version {
	var out []*Version
	for i, a := range llm.Adapters() {
		out = append(out, &Version{
			Role: "adapter", Field: fmt.Sprintf("%s.llm.lora.adapters[%d]", field, i),
			Spec: v1alpha1.Version{Model: a.Model},
		})
	}
	return out
}
