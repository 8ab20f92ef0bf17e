package validators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// llmGroup: KServe leads no traffic to a member that serves other names than the
// one whose route it is, and has one list of names for the model and its adapters.
func llmGroup(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		for i, a := range v.Spec.LLM.Adapters() {
			if a.Name == m.LLMName(v) && (v == &m.Stable || m.Share.LLM != nil) {
				out = append(out, refuse(m, llmRule, fmt.Sprintf("%s.llm.lora.adapters[%d].name", v.Field, i),
					fmt.Sprintf("%q is the model's own name", a.Name), "give the adapter another"))
			}
		}
	}
	if m.Canary == nil {
		return out
	}
	if stable, other := names(m, &m.Stable), names(m, m.Canary); !slices.Equal(stable, other) {
		out = append(out, refuse(m, llmRule, m.Canary.Field+".llm",
			fmt.Sprintf("the %s serves the names %s and the stable version %s: KServe would lead no traffic to it", m.Canary.Role, strings.Join(other, ", "), strings.Join(stable, ", ")),
			"give both versions the same name and adapters of the same names"))
	}
	return out
}

// names are what requests can ask a version for, sorted.
func names(m *model.Model, v *model.Version) []string {
	out := []string{m.LLMName(v)}
	for _, a := range v.Spec.LLM.Adapters() {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return out
}
