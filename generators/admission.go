package generators

import (
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// admission makes the policies that hold every namespace, in the API server itself or
// by Gatekeeper: what no repository can take out of its own application. They know
// no signatures.
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
	gatekeeper := p.Spec.Policy.Engine == v1alpha1.EngineGatekeeper
	for _, g := range guards(p) {
		if gatekeeper {
			out = append(out, g.template(p, nil), g.constraint(p))
		} else {
			out = append(out, g.policy(p), g.binding(p))
		}
	}
	if gatekeeper {
		out = append(out, deploymentTemplate(p))
	}
	return out, nil
}

func guards(p *model.Platform) []admissionPolicy {
	return []admissionPolicy{serviceGuard(p), llmGuard(p), kindGuard(p), podGuard(p)}
}

// admissionPolicy is what an engine is to hold objects to, in CEL, however the
// engine wants it written.
type admissionPolicy struct {
	name                               string
	kinds                              []guarded
	conditions, variables, validations object.List
	// params is where the binding finds parameters; without it there are none.
	params object.Map
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
	spec := object.Map{
		{Key: "failurePolicy", Value: "Fail"},
	}
	if g.params != nil {
		spec.Set("paramKind", object.Map{{Key: "apiVersion", Value: "v1"}, {Key: "kind", Value: kindConfigMap}})
	}
	spec = append(spec, object.Map{
		{Key: "matchConstraints", Value: object.Map{
			{Key: "matchPolicy", Value: "Equivalent"},
			{Key: "namespaceSelector", Value: notExempt()},
			{Key: "objectSelector", Value: object.Map{}},
			{Key: "resourceRules", Value: g.rules()},
		}},
		{Key: "matchConditions", Value: g.matchConditions()},
	}...)
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
	spec := object.Map{{Key: "policyName", Value: g.name}}
	spec.Set("paramRef", g.params)
	spec.Set("validationActions", object.List{p.Spec.Policy.Action})
	return clusterWide(p, admissionAPI, kindAdmissionPolicyBinding, g.name, spec)
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

// guarded are kinds of a group, in all versions.
type guarded struct {
	group string
	kinds []string
	scope string
}

// Whether objects are in a namespace.
const (
	scopeAny        = "*"
	scopeNamespaced = "Namespaced"
	scopeCluster    = "Cluster"
)

// rules name the same kinds by their resources.
func (g admissionPolicy) rules() object.List {
	var out object.List
	for _, k := range g.kinds {
		out = append(out, object.Map{
			{Key: "apiGroups", Value: object.List{k.group}},
			{Key: "apiVersions", Value: object.List{"*"}},
			{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
			{Key: "resources", Value: values(each(k.kinds, resource))},
			{Key: "scope", Value: k.scope},
		})
	}
	return out
}

// resource is a kind as the API server's paths have it; any stays any.
func resource(kind string) string {
	name := strings.ToLower(kind)
	switch stem, y := strings.CutSuffix(name, "y"); {
	case name == "*":
		return name
	case y:
		return stem + "ies"
	default:
		return name + "s"
	}
}

func values(list []string) object.List {
	var out object.List
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// notExempt selects the namespaces that the baseline is for.
func notExempt() object.Map {
	return object.Map{{Key: "matchExpressions", Value: object.List{object.Map{
		{Key: "key", Value: GuardLabel}, {Key: "operator", Value: "NotIn"}, {Key: "values", Value: object.List{GuardExempt}},
	}}}}
}
