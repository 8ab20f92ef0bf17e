package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
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
			what = fmt.Sprintf("no runtime for the format %q and protocol %q is known to serve a model", v.Format().Name, v.Spec.ProtocolVersion)
		}
		out = append(out, refuse(m, "served-name", v.Field+".runtime",
			what+" under the deployment's name, so requests through the route would find none",
			"use one of "+strings.Join(named(m.Platform.KServe()), ", ")+"; have the platform say it of a runtime of your own (spec.serving.runtimes); or use Knative mode"))
	}
	return out
}

// named are the runtimes whose served name is known.
func named(version kserve.Version) []string {
	var out []string
	for _, r := range version.Runtimes() {
		if r.Named.Known() {
			out = append(out, r.Name)
		}
	}
	return out
}
