package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

const unsupportedRule = "not-supported-yet"

// supported: a field that is part of the kinds but does nothing yet is refused,
// so that nobody relies on it.
func supported(m *model.Model) finding.List {
	var out finding.List
	add := func(used bool, field string) {
		if used {
			out = append(out, refuse(m, unsupportedRule, field, "this version of modelfn does not act on it yet", "remove it"))
		}
	}
	add(m.Deployment.Spec.Rollout != nil, "spec.rollout")
	return out
}

// SupportedPlatform is the same for a platform; at is the platform.
func SupportedPlatform(at finding.Resource, s v1alpha1.ModelPlatformSpec) finding.List {
	var out finding.List
	add := func(used bool, format string, args ...any) {
		if used {
			out = append(out, finding.Finding{
				Rule: unsupportedRule, Severity: finding.Error, Resource: at, Field: fmt.Sprintf(format, args...),
				Message: "this version of modelfn does not act on it yet", Fix: "remove it, or choose another value; the README lists what is not there yet",
			})
		}
	}
	add(s.Policy.Engine == v1alpha1.EngineGatekeeper, "spec.policy.engine")
	add(s.Policy.Scope != v1alpha1.ScopeModel, "spec.policy.scope")
	return out
}
