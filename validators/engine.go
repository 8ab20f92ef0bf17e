package validators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
)

// DeprecatedEngine warns of an engine whose kinds Kyverno gives up: after its upgrade
// the applications would be stuck, and new models unguarded.
func DeprecatedEngine(at finding.Resource, s v1alpha1.ModelPlatformSpec) finding.List {
	if s.Policy.Engine != v1alpha1.EngineKyvernoClusterPolicy {
		return nil
	}
	return finding.List{{
		Rule: "deprecated-engine", Severity: finding.Warning, Resource: at, Field: "spec.policy.engine",
		Message: "Kyverno's older policies (kyverno.io/v1) are deprecated, and Kyverno 1.20 refuses to create them",
		Fix:     "upgrade Kyverno to 1.16 or newer, and set engine: Kyverno before you upgrade it to 1.20",
	}}
}
