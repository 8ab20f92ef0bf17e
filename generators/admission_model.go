package generators

import (
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// modelAdmission makes a ValidatingAdmissionPolicy for a model, which the API server
// enforces by itself: the same shape as for Kyverno, and no signatures, which it
// cannot check.
type modelAdmission struct{}

var _ Generator = modelAdmission{}

func (modelAdmission) Generate(m *model.Model) []object.Object {
	cluster := func(kind string, spec object.Map) object.Object {
		return object.Object{
			APIVersion: admissionAPI, Kind: kind, Name: admissionName(m),
			Labels: labels(m), Annotations: policyAnnotations(m),
			Body: object.Map{{Key: "spec", Value: spec}},
		}
	}
	return []object.Object{
		cluster(kindAdmissionPolicy, object.Map{
			{Key: "failurePolicy", Value: "Fail"},
			{Key: "matchConstraints", Value: admissionMatch(m)},
			{Key: "matchConditions", Value: object.List{changed(m)}},
			{Key: "validations", Value: append(shape(m), annotated(m)...)},
		}),
		cluster(kindAdmissionPolicyBinding, object.Map{
			{Key: "policyName", Value: admissionName(m)},
			{Key: "validationActions", Value: object.List{m.Platform.Spec.Policy.Action}},
		}),
	}
}

// admissionName is one per namespace and deployment: neither has a dot.
func admissionName(m *model.Model) string {
	return strings.Join([]string{"modelfn", m.Deployment.Metadata.Namespace, m.Deployment.Metadata.Name}, ".")
}

// admissionMatch is as for Kyverno, in the deployment's namespace only, with what
// the API server would add.
func admissionMatch(m *model.Model) object.Map {
	out := object.Map{
		{Key: "matchPolicy", Value: "Equivalent"},
		{Key: "namespaceSelector", Value: object.Map{{Key: "matchLabels", Value: object.Map{
			{Key: "kubernetes.io/metadata.name", Value: m.Deployment.Metadata.Namespace},
		}}}},
	}
	for _, f := range matchConstraints(m) {
		if f.Key == "resourceRules" {
			rule := f.Value.(object.List)[0].(object.Map)
			f.Value = object.List{append(rule, object.Field{Key: "scope", Value: "*"})}
		}
		out = append(out, f)
	}
	return out
}
