package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// format: KServe selects a runtime by it, so each version needs one.
func format(m *model.Model) finding.List {
	if m.LLM() {
		return nil // vLLM reads it from the model
	}
	var out finding.List
	for _, v := range m.Versions() {
		if !v.Artifact.Resolved() {
			continue
		}
		said := v.Artifact.Metadata().Format
		switch {
		case v.Format().Name == "":
			out = append(out, refuse(m, "unknown-format", v.Field+".format.name",
				"neither the deployment nor the artifact's config says the model format",
				"write format: {name: sklearn} (or the format KServe knows it by)"))
		case v.Spec.Format != nil && said != "" && said != v.Spec.Format.Name:
			out = append(out, refuse(m, "format-mismatch", v.Field+".format.name",
				fmt.Sprintf("the deployment says %q, the artifact's config %q", v.Spec.Format.Name, said),
				"remove format, or correct the model's Kitfile or label"))
		case v.Runtime() == "" && m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative && len(otherVersions(m, v)) == 0:
			// A cluster may have runtimes of its own.
			out = append(out, warn(m, "no-shipped-runtime", v.Field+".format.name",
				"KServe ships no runtime for "+asked(v),
				loadable(m, v)+"; or name your own runtime"))
		}
	}
	return out
}
