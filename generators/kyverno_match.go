package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

func matchConstraints(m *model.Model) object.Map {
	version, resource := "v1beta1", "inferenceservices"
	if m.LLM() {
		version, resource = "*", "llminferenceservices" // v1alpha1 is served, too
	}
	return object.Map{
		{Key: "objectSelector", Value: object.Map{
			{Key: "matchLabels", Value: object.Map{{Key: DeploymentLabel, Value: m.Deployment.Metadata.Name}}},
		}},
		{Key: "resourceRules", Value: object.List{object.Map{
			{Key: "apiGroups", Value: object.List{"serving.kserve.io"}},
			{Key: "apiVersions", Value: object.List{version}},
			{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
			{Key: "resources", Value: object.List{resource}},
		}}},
	}
}

// matchConditions: two Kyverno policies with equal constraints and no
// conditions hang admission (kyverno#17275), and Kyverno's CLI judges objects of
// other namespaces too. An update that changes neither spec nor labels nor
// annotations is not judged, or the finalizers of a version that was replaced
// could not be removed. The CLI's oldObject is an empty map, not null.
func matchConditions(m *model.Model) object.List {
	var out object.List
	if ns := m.Deployment.Metadata.Namespace; ns != "" {
		out = append(out, object.Map{
			{Key: "name", Value: "namespace"},
			{Key: "expression", Value: "object.metadata.namespace == " + celString(ns)},
		})
	}
	return append(out, changed(m))
}

// changed holds of any update but one that leaves spec, labels and annotations as
// they are, or the spec of what is being deleted. For a large language model KServe
// would execute more than those, and does so until it is gone.
func changed(m *model.Model) object.Map { return named("changed", changedFor(m.LLM())) }

func changedFor(llm bool) string {
	expression := lines(
		"oldObject == null || !has(oldObject.spec) || object.spec != oldObject.spec",
		"|| "+relabelled)
	if llm {
		expression = lines(expression, "|| !("+inert+")")
	}
	return expression
}
