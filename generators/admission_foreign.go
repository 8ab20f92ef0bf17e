package generators

import (
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// foreign are the entries of spec.allowForeign about a kind; "" is about any but
// the kinds of models.
func foreign(p *model.Platform, kind string) []v1alpha1.ForeignObject {
	return slices.DeleteFunc(slices.Clone(p.Spec.AllowForeign), func(f v1alpha1.ForeignObject) bool {
		if kind == "" {
			return slices.Contains(modelKinds, f.Kind)
		}
		return f.Kind != kind
	})
}

// foreignModels are those about either kind of model.
func foreignModels(p *model.Platform) []v1alpha1.ForeignObject {
	return append(foreign(p, kindInferenceService), foreign(p, kindLLMInferenceService)...)
}

// notForeign is the condition that leaves alone what the platform lists as somebody
// else's; none where it lists nothing.
func notForeign(list []v1alpha1.ForeignObject) object.List {
	if len(list) == 0 {
		return nil
	}
	return object.List{named("not-foreign", lines(labelledOurs, "|| !"+isForeign(list)))}
}

// modelKinds are the kinds that modelfn makes of models.
var modelKinds = []string{kindInferenceService, kindLLMInferenceService}

// isForeign is the condition that the object is one of those; as in the gate of
// build, what is not said of one holds for any.
func isForeign(list []v1alpha1.ForeignObject) string {
	if len(list) == 0 {
		return "false"
	}
	text := "["
	for i, f := range list {
		if i > 0 {
			text += ","
		}
		text += "\n" + celList([]string{f.APIVersion, f.Kind, f.Namespace, f.Name})
	}
	return lines(text+"].exists(f, (f[0] == '' || f[0] == object.apiVersion) && f[1] == object.kind",
		"&& (f[2] == '' || f[2] == object.metadata.?namespace.orValue(''))",
		"&& (f[3] == '' || f[3] == object.metadata.?name.orValue('')))")
}

// labelledOurs is the condition that the object claims to be modelfn's, as in the
// gate of build.
var labelledOurs = lines(
	"object.metadata.?labels[?"+celString(ManagedByLabel)+"].orValue('') == "+celString(ManagedBy),
	"|| "+celString(DeploymentLabel)+" in object.metadata.?labels.orValue({})")

// podsOfForeign is the condition that a Pod is of a model that the platform allows
// besides modelfn's, by the labels that KServe gives it, or is one of the Pods that
// it allows.
func podsOfForeign(p *model.Platform) string {
	conditions := []string{isForeign(foreign(p, "Pod"))}
	label := func(key string) string { return "object.metadata.?labels[?" + celString(key) + "].orValue('')" }
	for _, kind := range modelKinds {
		of, name := "", label("serving.kserve.io/inferenceservice")
		if kind == kindLLMInferenceService {
			of, name = label("app.kubernetes.io/part-of")+" == 'llminferenceservice' && ", label("app.kubernetes.io/name")
		}
		for _, f := range foreign(p, kind) {
			condition := of + name + " != ''"
			if f.Name != "" {
				condition = of + name + " == " + celString(f.Name)
			}
			if f.Namespace != "" {
				condition += " && object.metadata.?namespace.orValue('') == " + celString(f.Namespace)
			}
			conditions = append(conditions, condition)
		}
	}
	return oneOf(conditions...)
}
