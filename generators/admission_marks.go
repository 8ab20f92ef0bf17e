package generators

import (
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// celKServe are the labels and annotations by which KServe is told things.
const celKServe = `^([^/]*[.])?kserve[.]io/`

// modelGuard is what guards of models have in common; the first of their variables
// is the deployment, and uris are what is loaded.
func modelGuard(p *model.Platform, name, kind string, variables, validations object.List) admissionPolicy {
	g := admissionPolicy{
		name:  name,
		kinds: []guarded{{"serving.kserve.io", []string{kind}, scopeAny}},
		variables: append(object.List{
			named("deployment", "object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('')"),
			named("annotations", "object.metadata.?annotations.orValue({})"),
		}, variables...),
		validations: append(append(marks(), validations...), append(trusted(p), stated(p)...)...),
	}
	g.conditions = notForeign(foreign(p, kind))
	return g
}

// marks demands modelfn's labels, and nothing by which KServe would be told to do
// something else than was rendered: its pod injector takes the model's address from
// annotations, and other modes have other controllers.
func marks() object.List {
	return object.List{
		validation("only what modelfn rendered may serve a model here: the labels "+ManagedByLabel+": "+ManagedBy+" and "+DeploymentLabel+" are missing. Write a ModelDeployment, or have the platform list the object in spec.allowForeign",
			"object.metadata.?labels[?"+celString(ManagedByLabel)+"].orValue('') == "+celString(ManagedBy)+" && variables.deployment != ''"),
		validation("labels and annotations of KServe's may only be those that are rendered: others could redirect the model",
			lines("object.metadata.?labels.orValue({}).all(k, k == "+celString(visibilityLabel)+" || !"+celMatches("k", celKServe)+")",
				"&& variables.annotations.all(k, k in "+celList([]string{"serving.kserve.io/autoscalerClass", modeAnnotation, "serving.kserve.io/stop"})+" || !"+celMatches("k", celKServe)+")")),
	}
}

const modeAnnotation = "serving.kserve.io/deploymentMode"

// stated demands the annotations that say which model it is, and those that the
// platform requires.
func stated(p *model.Platform) object.List {
	out := object.List{validation("the annotations must say which model it is: "+prefix+"digest, "+prefix+"revision (hf://), or "+prefix+"unsigned for what has neither",
		lines("variables.uris[0].startsWith('hf://') ? variables.uris[0].endsWith(':' + variables.annotations[?"+celString(prefix+"revision")+"].orValue('-'))",
			": "+celMatches("variables.uris[0]", "^(oci|kit)://")+" ? variables.uris[0].endsWith('@' + variables.annotations[?"+celString(prefix+"digest")+"].orValue('-'))",
			": variables.annotations[?"+celString(prefix+"unsigned")+"].orValue('') == 'true'"))}
	if required := p.Spec.Provenance; required != nil && len(required.Required) > 0 {
		keys := each(required.Required, func(k string) string { return prefix + k })
		out = append(out, validation("annotations are required: "+strings.Join(keys, ", "),
			celList(keys)+".all(k, variables.annotations[?k].orValue('') != '')"))
	}
	return out
}
