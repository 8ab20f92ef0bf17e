package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// format: KServe selects a runtime by it, so each version needs one.
func format(m *model.Model) finding.List {
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
		}
	}
	return out
}
