package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// admission makes the policies that the API server holds every namespace to, by
// itself and without a webhook: what no repository can take out of its own
// application. They know no signatures.
type admission struct{}

var _ Baseline = admission{}

// GuardLabel on a namespace, with GuardExempt, takes it out of the baseline's
// policies. Only the platform's team may label namespaces.
const (
	GuardLabel  = v1alpha1.Group + "/baseline"
	GuardExempt = "Exempt"
)

func (admission) Baseline(p *model.Platform) ([]object.Object, finding.List) {
	if p.Spec.Policy.Engine == v1alpha1.EngineNone {
		return nil, finding.List{{
			Rule: "no-admission", Severity: finding.Warning, Resource: p.Resource, Field: "spec.policy.engine",
			Message: "the platform wants no admission policy, so that the cluster takes any model from whoever may create one",
			Fix:     "remove engine: None, and use action: Audit to see first what would be refused",
		}}
	}
	var out []object.Object
	for _, g := range []admissionPolicy{serviceGuard(p), llmGuard(p), kindGuard(p), podGuard(p)} {
		out = append(out, g.policy(p), g.binding(p))
	}
	return out, nil
}

// admissionPolicy is a ValidatingAdmissionPolicy in the making.
type admissionPolicy struct {
	name                                      string
	rules, conditions, variables, validations object.List
	// always is the condition of what is judged although nothing of anyChange is
	// so; none of it if empty.
	always string
}

const (
	admissionAPI               = "admissionregistration.k8s.io/v1"
	kindAdmissionPolicy        = "ValidatingAdmissionPolicy"
	kindAdmissionPolicyBinding = "ValidatingAdmissionPolicyBinding"
)

// policy has the API server's defaults spelled out, or Argo CD would show them.
func (g admissionPolicy) policy(p *model.Platform) object.Object {
	selector := object.Map{{Key: "matchExpressions", Value: object.List{object.Map{
		{Key: "key", Value: GuardLabel}, {Key: "operator", Value: "NotIn"}, {Key: "values", Value: object.List{GuardExempt}},
	}}}}
	spec := object.Map{
		{Key: "failurePolicy", Value: "Fail"},
		{Key: "matchConstraints", Value: object.Map{
			{Key: "matchPolicy", Value: "Equivalent"},
			{Key: "namespaceSelector", Value: selector},
			{Key: "objectSelector", Value: object.Map{}},
			{Key: "resourceRules", Value: g.rules},
		}},
		{Key: "matchConditions", Value: g.matchConditions()},
	}
	spec.Set("variables", g.variables)
	spec.Set("validations", g.validations)
	return clusterWide(p, admissionAPI, kindAdmissionPolicy, g.name, spec)
}

func (g admissionPolicy) matchConditions() object.List {
	changed := anyChange
	if g.always != "" {
		changed = lines(changed, "|| "+g.always)
	}
	return append(object.List{named("changed", changed)}, g.conditions...)
}

func (g admissionPolicy) binding(p *model.Platform) object.Object {
	return clusterWide(p, admissionAPI, kindAdmissionPolicyBinding, g.name, object.Map{
		{Key: "policyName", Value: g.name},
		{Key: "validationActions", Value: object.List{p.Spec.Policy.Action}},
	})
}

// anyChange: an update of neither spec nor labels nor annotations is not judged, or
// finalizers could not be removed from what was admitted before. Any other is:
// whoever takes our labels away is judged, and so is who changes the spec then.
var anyChange = lines(
	"oldObject == null || object.?spec.orValue({}) != oldObject.?spec.orValue({})",
	"|| "+relabelled)

// relabelled holds of an update of labels or annotations, but of what is being
// deleted: KServe's webhooks may add an annotation as its manager removes the
// finalizer, and its managers make nothing any more of what is being deleted.
var relabelled = lines(
	"!has(object.metadata.deletionTimestamp)",
	"&& (object.metadata.?labels.orValue({}) != oldObject.metadata.?labels.orValue({})",
	"|| object.metadata.?annotations.orValue({}) != oldObject.metadata.?annotations.orValue({}))")

// named is an expression with its name.
func named(name, expression string) object.Map {
	return object.Map{{Key: "name", Value: name}, {Key: "expression", Value: expression}}
}

// guarded are resources of a group, in all versions.
func guarded(group, scope string, names ...string) object.Map {
	var list object.List
	for _, n := range names {
		list = append(list, n)
	}
	return object.Map{
		{Key: "apiGroups", Value: object.List{group}},
		{Key: "apiVersions", Value: object.List{"*"}},
		{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
		{Key: "resources", Value: list},
		{Key: "scope", Value: scope},
	}
}
