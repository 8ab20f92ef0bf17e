package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const (
	templateAPI   = "templates.gatekeeper.sh/v1"
	constraintAPI = "constraints.gatekeeper.sh/v1beta1"

	// It makes Argo CD apply a constraint whose kind Gatekeeper has yet to make.
	skipDryRun = "SkipDryRunOnMissingResource=true"
)

// template is the same rules as a kind of Gatekeeper's, with its parameters; none
// if empty. Gatekeeper makes a ValidatingAdmissionPolicy of it, too, since its own
// webhook lets everything in when it is down.
func (g admissionPolicy) template(p *model.Platform, parameters object.Map) object.Object {
	kind := constraintKind(g.name)
	source := object.Map{
		{Key: "failurePolicy", Value: "Fail"},
		{Key: "generateVAP", Value: true},
		// In the singular: what Gatekeeper does not know it leaves out in silence.
		{Key: "matchCondition", Value: g.asked()},
	}
	source.Set("variables", g.variables)
	source.Set("validations", g.validations)
	validation := object.Map{{Key: "legacySchema", Value: false}}
	validation.Set("openAPIV3Schema", parameters)
	out := clusterWide(p, templateAPI, "ConstraintTemplate", strings.ToLower(kind), object.Map{
		{Key: "crd", Value: object.Map{{Key: "spec", Value: object.Map{
			{Key: "names", Value: object.Map{{Key: "kind", Value: kind}}},
			{Key: "validation", Value: validation},
		}}}},
		{Key: "targets", Value: object.List{object.Map{
			{Key: "target", Value: "admission.k8s.gatekeeper.sh"},
			{Key: "code", Value: object.List{object.Map{
				{Key: "engine", Value: "K8sNativeValidation"},
				{Key: "source", Value: source},
			}}},
		}}},
	})
	waved(out.Annotations, beforeVersions)
	return out
}

// asked adds what Gatekeeper does not say otherwise: it may be asked about what is
// deleted, and the policy that it makes for the API server leaves out the scope.
func (g admissionPolicy) asked() object.List {
	out := append(g.matchConditions(), named("not-deleted", "object != null"))
	if scoped := g.inScope(); scoped != "" {
		out = append(out, named("scope", scoped))
	}
	return out
}

// inScope is the condition that it is an object of the scope that is asked about; ""
// where any is.
func (g admissionPolicy) inScope() string {
	var out []string
	add := func(condition string) {
		if !slices.Contains(out, condition) {
			out = append(out, condition)
		}
	}
	for _, k := range g.kinds {
		switch k.scope {
		case scopeAny:
			return ""
		case scopeNamespaced:
			add("object.metadata.?namespace.orValue('') != ''")
		case scopeCluster:
			add("object.kind in " + celList(k.kinds))
		}
	}
	return strings.Join(out, "\n|| ")
}

// constraint puts the template in force in all namespaces but those left out.
func (g admissionPolicy) constraint(p *model.Platform) object.Object {
	match := object.Map{{Key: "kinds", Value: g.matched()}, {Key: "namespaceSelector", Value: notExempt()}}
	out := clusterWide(p, constraintAPI, constraintKind(g.name), g.name, object.Map{
		{Key: "enforcementAction", Value: enforcement(p)},
		{Key: "match", Value: match},
	})
	out.Annotations[syncOptions] = skipDryRun
	return out
}

// matched are the kinds as constraints name them.
func (g admissionPolicy) matched() object.List {
	var out object.List
	for _, k := range g.kinds {
		out = append(out, object.Map{
			{Key: "apiGroups", Value: object.List{k.group}},
			{Key: "kinds", Value: values(k.kinds)},
		})
	}
	return out
}

// constraintKind is the kind of a guard's constraints: modelfn-models are
// ModelfnModels.
func constraintKind(name string) string {
	words := strings.Split(name, "-")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func enforcement(p *model.Platform) string {
	if p.Spec.Policy.Action == v1alpha1.ActionAudit {
		return "dryrun"
	}
	return "deny"
}
