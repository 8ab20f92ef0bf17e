package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// servedName: in Standard mode each version has an InferenceService of its own
// name, and its server must be told to answer under the deployment's.
func servedName(m *model.Model) finding.List {
	if m.LLM() || m.Platform.Spec.Serving.Mode != v1alpha1.ModeStandard {
		return nil
	}
	var out finding.List
	for _, v := range m.Versions() {
		if !v.Artifact.Resolved() || v.Format().Name == "" {
			continue // reported elsewhere
		}
		if m.Naming(v).Known() || len(otherVersions(m, v)) > 0 {
			continue
		}
		what := fmt.Sprintf("nothing says how the runtime %q is told to serve a model", v.Runtime())
		if v.Runtime() == "" {
			what = fmt.Sprintf("no runtime for %s is known to serve a model", asked(v))
		}
		out = append(out, refuse(m, "served-name", v.Field+".runtime",
			what+" under the deployment's name, so requests through the route would find none",
			fitting(m, v)+", or use Knative mode"))
	}
	return out
}
