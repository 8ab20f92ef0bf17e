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
		runtime, known := m.Platform.KServe().Find(v.Runtime())
		if known && runtime.Named.Known() || len(otherVersions(m, v)) > 0 {
			continue
		}
		what := fmt.Sprintf("the runtime %q", v.Runtime())
		if v.Runtime() == "" {
			what = fmt.Sprintf("no runtime for the format %q and protocol %q", v.Format().Name, v.Spec.ProtocolVersion)
		}
		out = append(out, refuse(m, "served-name", v.Field+".runtime",
			what+" is known to serve a model under the deployment's name, so requests through the route would find none",
			"use one of "+strings.Join(named(m.Platform.KServe()), ", ")+", or Knative mode"))
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
