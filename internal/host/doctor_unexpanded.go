package host

import (
	"fmt"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// unexpanded: a ModelDeployment that no function comes by. `modelfn build` expands
// it all the same; stock kustomize prints it as it is, which no cluster knows, or,
// where it is local configuration, nothing at all, and exits 0: Argo CD would
// prune the model. Where others of the same build are expanded nobody can mean it.
func (d *doctor) unexpanded(r reading) finding.List {
	if !r.top {
		return nil
	}
	var printed, dropped []declared
	for _, m := range r.after.raw {
		if m.GetAnnotation(fn.LocalConfig) == "true" || r.CommonAnnotations[fn.LocalConfig] == "true" {
			dropped = append(dropped, m)
		} else {
			printed = append(printed, m)
		}
	}
	severity, also := finding.Warning, ""
	if len(r.after.expanded) > 0 {
		severity, also = finding.Error, ", though it expands others"
	}
	var out finding.List
	for _, c := range []struct {
		models []declared
		what   string
	}{
		{printed, "prints the ModelDeployment as it is"},
		{dropped, "drops the ModelDeployment, which is local configuration, in silence"},
	} {
		if len(c.models) > 0 {
			out = append(out, d.about(r.layout, severity, "not-expanded", "transformers",
				fmt.Sprintf("no function of modelfn's runs on %s: stock kustomize %s and exits 0%s", names(c.models), c.what, also),
				"list the ModelPlatform with a function annotation under transformers here, or render with `modelfn build` only"))
		}
	}
	return out
}
