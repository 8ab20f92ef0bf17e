package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

func classicKind(m *model.Model) string {
	if m.LLM() {
		return kindLLMInferenceService
	}
	return kindInferenceService
}

// classicMatch matches objects of the model's kind in the policy's namespace, and
// of those, with a selector, which are labelled now.
func classicMatch(m *model.Model, selector object.Map) object.Map {
	version := "v1beta1"
	if m.LLM() {
		version = "*" // v1alpha1 is served, too
	}
	resources := object.Map{
		{Key: "kinds", Value: object.List{"serving.kserve.io/" + version + "/" + classicKind(m)}},
		{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
	}
	resources.Set("selector", selector)
	return object.Map{{Key: "any", Value: object.List{object.Map{{Key: "resources", Value: resources}}}}}
}

// classicOurs holds of what has the model's label, or had it: Kyverno's selector
// sees an object as it is to be, and would let go of one that loses the label.
func classicOurs(m *model.Model) object.Map {
	label := ".?metadata.?labels[?" + celString(DeploymentLabel) + "].orValue('') == " + celString(m.Deployment.Metadata.Name)
	return named("ours", lines("object"+label, "|| oldObject != null && oldObject"+label))
}

// classicChanged is `changed` in JMESPath: rules about images know no other
// conditions.
var classicChanged = object.Map{{Key: "all", Value: object.List{object.Map{
	{Key: "key", Value: "{{ request.operation != 'UPDATE'" +
		" || request.object.spec != request.oldObject.spec" +
		" || !(request.object.metadata.deletionTimestamp)" +
		" && ((request.object.metadata.labels || `{}`) != (request.oldObject.metadata.labels || `{}`)" +
		" || (request.object.metadata.annotations || `{}`) != (request.oldObject.metadata.annotations || `{}`)) }}"},
	{Key: "operator", Value: "Equals"},
	{Key: "value", Value: true},
}}}}
