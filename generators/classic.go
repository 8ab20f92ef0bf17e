package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// classic makes one Policy per model of the kinds that Kyverno has had from the
// beginning, for clusters that have no other: the same shape as for the newer ones,
// and signatures in cosign's older format. It is the namespaced kind, so that a
// model's application needs no leave for objects of the cluster.
type classic struct{}

var _ Generator = classic{}

const kindClassicPolicy = "Policy"

func (classic) Generate(m *model.Model) []object.Object {
	return []object.Object{{
		APIVersion: "kyverno.io/v1", Kind: kindClassicPolicy,
		Namespace: m.Deployment.Metadata.Namespace, Name: "modelfn-" + m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: policyAnnotations(m),
		Body: object.Map{{Key: "spec", Value: object.Map{
			{Key: "admission", Value: true}, {Key: "background", Value: false}, {Key: "emitWarning", Value: false},
			{Key: "failurePolicy", Value: "Fail"},
			{Key: "validationFailureAction", Value: classicAction(m)},
			{Key: "webhookTimeoutSeconds", Value: 30},
			{Key: "rules", Value: append(object.List{classicShape(m)}, classicSignatures(m)...)},
		}}},
	}}
}

// classicAction stands where every version of Kyverno reads it.
func classicAction(m *model.Model) string {
	if m.Platform.Spec.Policy.Action == v1alpha1.ActionAudit {
		return "Audit"
	}
	return "Enforce"
}

// classicShape is what the other engines demand of the object, in the same words.
// What was there before is not let off.
func classicShape(m *model.Model) object.Map {
	var expressions object.List
	for _, v := range append(shape(m), annotated(m)...) {
		text := v.(object.Map)
		expressions = append(expressions, validation(unexpanded(text.Get("message").(string)), unexpandedCEL(text.Get("expression").(string))))
	}
	var conditions object.List
	for _, c := range []object.Map{classicOurs(m), changed(m)} {
		conditions = append(conditions, named(c.Get("name").(string), unexpandedCEL(c.Get("expression").(string))))
	}
	return object.Map{
		{Key: "name", Value: "shape"},
		{Key: "match", Value: classicMatch(m, nil)},
		{Key: "skipBackgroundRequests", Value: true},
		{Key: "celPreconditions", Value: conditions},
		{Key: "validate", Value: object.Map{
			{Key: "allowExistingViolations", Value: false},
			{Key: "cel", Value: object.Map{{Key: "generate", Value: false}, {Key: "expressions", Value: expressions}}},
		}},
	}
}
