// Package generators turns verified Models into the objects that serve and
// guard them: one file per target, each a Generator.
package generators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// Generator makes one target's objects of a Model. It may rely on every
// validator having passed.
type Generator interface {
	Generate(m *model.Model) []object.Object
}

// For lists the generators that a platform asks for, for such a model.
func For(m *model.Model) []Generator {
	list := []Generator{record{}}
	switch {
	case m.LLM():
		list = append(list, llm{})
	case m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard:
		list = append(list, standard{}, address{}, route{})
	default:
		list = append(list, knative{})
	}
	if m.Platform.Spec.Policy.Scope == v1alpha1.ScopePlatform {
		return list // the record is what the platform's own policies hold it to
	}
	switch m.Platform.Spec.Policy.Engine {
	case v1alpha1.EngineKyverno:
		list = append(list, kyverno{})
	case v1alpha1.EngineKyvernoClusterPolicy:
		list = append(list, classic{})
	case v1alpha1.EngineVAP:
		list = append(list, modelAdmission{})
	case v1alpha1.EngineGatekeeper:
		list = append(list, gatekeeper{})
	}
	return list
}

// Kinds are the kinds that any generator makes, whatever the platform.
func Kinds() []string {
	return []string{
		kindInferenceService, kindLLMInferenceService, kindConfigMap, kindService, kindHTTPRoute, kindGRPCRoute,
		kindImageValidatingPolicy, kindValidatingPolicy, kindClassicPolicy, kindAdmissionPolicy, kindAdmissionPolicyBinding,
		kindDeployment,
	}
}

// Generate makes all objects of a Model. It fails, rather than emits, when a
// version or an image is not pinned and verified: whatever happened before, nothing
// untrusted gets past here.
func Generate(m *model.Model) ([]object.Object, error) {
	for _, v := range m.Loaded() {
		if !v.Trusted() {
			return nil, fmt.Errorf("%s: %s version is not verified", m.Resource, v.Role)
		}
	}
	for _, i := range m.Images() {
		if !i.Trusted() {
			return nil, fmt.Errorf("%s: %s is not an image that may run", m.Resource, i.Field)
		}
	}
	var out []object.Object
	for _, g := range For(m) {
		out = append(out, g.Generate(m)...)
	}
	return out, nil
}
