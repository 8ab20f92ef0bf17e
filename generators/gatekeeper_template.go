package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// deploymentTemplate is the kind of what stands beside each model: its expressions
// are the platform's, and a constraint says by parameters which versions may be
// served. They must come whole, each with what it was rendered with.
func deploymentTemplate(p *model.Platform) object.Object {
	const known = "variables.params.versions.exists(v, v.uri == variables.serves.uri)"
	const stable, canary = "variables.params.canary.stable", "variables.params.canary.next"
	g := admissionPolicy{
		name: deploymentGuard,
		variables: object.List{
			named("llm", "object.kind == "+celString(kindLLMInferenceService)),
			named("model", "variables.llm ? object.?spec.model.orValue({}) : object.?spec.predictor.model.orValue({})"),
			named("container", "variables.llm ? object.?spec.template.containers.orValue([])[?0].orValue({}) : variables.model"),
			named("serves", serves()),
		},
		validations: object.List{
			validation("the label that selects this constraint must stay",
				"object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('') == variables.params.deployment"),
			validation("the model must be one that was verified, as it was: the constraint lists them by digest or commit", known),
			validation("a verified model must be loaded and told as it was rendered: its adapters, configs, runtime, arguments, environment, probes and the containers beside it",
				lines("!"+known,
					"|| variables.params.versions.exists(v, variables.serves.all(k,",
					"k in v ? v[k] == variables.serves[k] : variables.serves[k] in [dyn(''), dyn([]), dyn({})]))")),
			validation("the containers of the transformer and the explainer must be those that were rendered",
				lines("['explainer', 'transformer'].all(c,",
					"object.?spec[?c].containers.orValue([])"+nameAnd("image")+" == variables.params[?c].orValue([]))")),
			validation("the requests of others must stay theirs: the group is the deployment's",
				"object.?spec.router.route.group.orValue('') == variables.params.?group.orValue('')"),
			// What is found there already has its canary, and no past to judge by.
			validation(strings.TrimSuffix(firstRolledOut, ": "),
				lines("request.operation == '' || !('canary' in variables.params) ||",
					"("+rolledOutFirst(stable, canary, "("+stable+" == "+canary+" || "+servesNot(stable)+")")+")")),
		},
	}
	return g.template(p, deploymentParameters())
}

const deploymentGuard = "modelfn-deployment"

// serves are the values by which versions are told apart, of either kind; what is
// none of a kind's is empty.
func serves() string {
	out := object.Map{
		{Key: "uri", Value: "(variables.llm ? variables.model.?uri : variables.model.?storageUri).orValue('')"},
		{Key: "name", Value: "variables.model.?name.orValue('')"},
		{Key: "runtime", Value: "variables.model.?runtime.orValue('')"},
		{Key: "adapters", Value: "variables.model.?lora.adapters.orValue([])" + nameAnd("uri")},
		{Key: "configs", Value: "object.?spec.baseRefs.orValue([]).map(r, r.?name.orValue(''))"},
		{Key: "containers", Value: "object.?spec.predictor.containers.orValue([])" + nameAnd("image")},
	}
	for _, field := range passthrough.Told() {
		empty := "{}"
		if isList(field) {
			empty = "[]"
		}
		out = append(out, object.Field{Key: field, Value: "variables.container.?" + field + ".orValue(" + empty + ")"})
	}
	text := "{"
	for i, f := range out {
		if i > 0 {
			text += ","
		}
		text += "\n" + celString(f.Key) + ": dyn(" + f.Value.(string) + ")"
	}
	return text + "}"
}

// nameAnd is what stands beside a name, as the parameters have it: one text.
func nameAnd(field string) string {
	return ".map(c, c.?name.orValue('') + ' ' + c.?" + field + ".orValue(''))"
}

func isList(field string) bool { return slices.Contains([]string{"args", "env"}, field) }

// deploymentParameters are what a constraint may say. Probes and variables are as
// Kubernetes has them.
func deploymentParameters() object.Map {
	text := object.Map{{Key: "type", Value: "string"}}
	list := func(items object.Map) object.Map {
		return object.Map{{Key: "type", Value: "array"}, {Key: "items", Value: items}}
	}
	whatever := object.Map{{Key: "type", Value: "object"}, {Key: "x-kubernetes-preserve-unknown-fields", Value: true}}
	version := object.Map{
		{Key: "uri", Value: text}, {Key: "name", Value: text}, {Key: "runtime", Value: text},
		{Key: "adapters", Value: list(text)}, {Key: "configs", Value: list(text)}, {Key: "containers", Value: list(text)},
		{Key: "args", Value: list(text)}, {Key: "env", Value: list(whatever)},
	}
	for _, probe := range passthrough.Probes() {
		version = append(version, object.Field{Key: probe, Value: whatever})
	}
	fields := func(required object.List, properties object.Map) object.Map {
		return object.Map{{Key: "type", Value: "object"}, {Key: "required", Value: required}, {Key: "properties", Value: properties}}
	}
	return fields(object.List{"deployment", "versions"}, object.Map{
		{Key: "deployment", Value: text},
		{Key: "group", Value: text},
		{Key: "versions", Value: list(fields(object.List{"uri"}, version))},
		{Key: "transformer", Value: list(text)},
		{Key: "explainer", Value: list(text)},
		{Key: "canary", Value: fields(object.List{"stable", "next"}, object.Map{{Key: "stable", Value: text}, {Key: "next", Value: text}})},
	})
}
