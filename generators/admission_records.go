package generators

import (
	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// records holds, for scope Platform, each model to the record that stands beside it
// (the ConfigMap of its digests): one policy, of which every record in the object's
// namespace is a parameter.
type records struct{}

var _ Baseline = records{}

const recordsName = "modelfn-records"

func (records) Baseline(p *model.Platform) ([]object.Object, finding.List) {
	if p.Spec.Policy.Scope != v1alpha1.ScopePlatform {
		return nil, nil
	}
	guard := recordGuard(p)
	binding := guard.binding(p)
	// While nothing binds a policy to ConfigMaps, the API server stops to look for them,
	// and never starts again (kubernetes#130887): this one is not to be made anew.
	binding.Annotations[syncOptions] = "Delete=false,Prune=false"
	return []object.Object{guard.policy(p), binding}, nil
}

// recordGuard is asked once for each record, and all have to hold: what another
// deployment's says is nothing to this one. Where a deployment has none it asks for
// nothing, since the records may be gone before what they were about.
func recordGuard(p *model.Platform) admissionPolicy {
	g := admissionPolicy{
		name:  recordsName,
		kinds: []guarded{{"serving.kserve.io", []string{kindInferenceService, kindLLMInferenceService}, scopeAny}},
		params: object.Map{
			{Key: "selector", Value: object.Map{{Key: "matchLabels", Value: object.Map{{Key: ManagedByLabel, Value: ManagedBy}}}}},
			{Key: "parameterNotFoundAction", Value: "Allow"},
		},
		variables: object.List{
			named("deployment", "object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('')"),
			named("before", "oldObject == null ? '' : oldObject.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('')"),
			named("other", "params.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('') != variables.deployment"),
			named("recorded", "params.?data.orValue({})"),
			named("uris", lines("("+modelURIs, "+ "+adapterURIs+").filter(u, u != '')")),
			named("images", runImages),
		},
		validations: append(object.List{
			validation("the label "+DeploymentLabel+" must stay: another deployment is another object",
				"variables.before == '' || variables.before == variables.deployment"),
			validation("the model and its adapters must be those that were rendered for the deployment, digest by digest; its ConfigMap modelfn-<name> lists them, and has to be there first: apply again",
				"variables.other || variables.uris.all(u, variables.recorded.exists(k, variables.recorded[k] == u))"),
			validation("the images of containers must be those that were rendered for the deployment, digest by digest; its ConfigMap modelfn-<name> lists them, and has to be there first: apply again",
				"variables.other || variables.images.all(i, variables.recorded.exists(k, variables.recorded[k] == i))"),
		}, recordedCanary(p)...),
	}
	g.conditions = notForeign(foreignModels(p))
	return g
}

// recordedCanary is canaryShape by what the record calls stable and canary.
func recordedCanary(p *model.Platform) object.List {
	if p.Spec.Serving.Mode != v1alpha1.ModeKnative {
		return nil
	}
	const stable, canary = "variables.recorded.stable", "variables.recorded.canary"
	return object.List{validation(firstRolledOut+"the deployment's ConfigMap modelfn-<name> says which is which",
		lines("variables.other || object.kind != "+celString(kindInferenceService)+" || !('stable' in variables.recorded && 'canary' in variables.recorded) ||",
			"("+rolledOutFirst(stable, canary, "("+stable+" == "+canary+" || "+servesNot(stable)+")")+")"))}
}
