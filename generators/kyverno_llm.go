package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// llmShape demands that an LLMInferenceService loads exactly what was verified,
// adapters and configurations included, in the one pod that was rendered. KServe
// executes the whole object as a template, so no text in it may be another. How
// many copies run and which part of the traffic they get may change, and not whose.
func llmShape(m *model.Model) object.List {
	return object.List{
		validation("only the fields that were rendered may be set, besides replicas and weights",
			lines("object.spec.all(k, k in "+celList([]string{"baseRefs", "model", "parallelism", "replicas", "router", "scaling", "template"})+")",
				"&& "+onlyKeys("object.spec.?scaling.orValue({})", "maxReplicas", "minReplicas", "wva"),
				"&& "+onlyKeys("object.spec.router", "gateway", "route", "scheduler"),
				"&& "+onlyKeys("object.spec.router.?gateway.orValue({})", "refs"),
				"&& "+onlyKeys("object.spec.router.?route.orValue({})", "group", "weight"),
				"&& "+onlyKeys("object.spec.router.?scheduler.orValue({})", "replicas"))),
		validation("the requests of others must stay theirs: the group and the gateway are "+m.Deployment.Metadata.Name+"'s", llmReached(m)),
		validation("the model, its adapters and how it is loaded must be as they were verified: "+strings.Join(llmURIs(m), ", "), llmVersions(m)),
		validation("KServe executes {{ in annotations, and in who owns or changed the object, as a template", inert),
	}
}

// llmReached demands the group whose requests the versions share, the gateway that
// they come by, and the autoscaler as it was rendered.
func llmReached(m *model.Model) string {
	v := &m.Stable
	var spec object.Map
	llmScale(&spec, m, versionReplicas(m, v))
	scaling, _ := spec.Get("scaling").(object.Map)
	wva, _ := scaling.Get("wva").(object.Map)
	router := llmRouter(m, v)
	gateway, _ := router.Get("gateway").(object.Map)
	refs, _ := gateway.Get("refs").(object.List)
	route, _ := router.Get("route").(object.Map)
	group, _ := route.Get("group").(string)
	return lines("object.spec.router.?route.group.orValue('') == "+celString(group),
		"&& object.spec.router.?gateway.refs.orValue([]) == "+celValue(refs),
		"&& object.spec.?scaling.wva.orValue({}) == "+celValue(wva))
}

// llmVersions demands one of the rendered versions, each as a whole: the adapters
// of one do not go with the model of another.
func llmVersions(m *model.Model) string {
	var variants []string
	for _, v := range m.Versions() {
		pod := llmPod(v)
		var keys []string
		for _, f := range pod {
			keys = append(keys, f.Key)
		}
		parts := []string{
			"object.spec.model == " + celValue(llmModel(m, v)),
			"object.spec.?baseRefs.orValue([]) == " + celValue(llmConfigs(v.Spec.LLM.BaseRefs)),
			onlyKeys("object.spec.template", keys...),
			"object.spec.template.containers.size() == 1",
			"object.spec.template.containers.all(c, c.name == " + celString(llmContainer) + " && " + onlyKeys("c", llmContainerKeys()...),
		}
		main := append(llmTold(v), object.Field{Key: resourcesField, Value: resources(v.Spec.Resources)})
		parts = append(parts, saidOf("c.?", main, append(passthrough.Told(), resourcesField))...)
		parts[len(parts)-1] += ")"
		for _, f := range pod[1:] {
			parts = append(parts, "object.spec.template[?"+celString(f.Key)+"].orValue("+celValue(none(f.Value))+") == "+celValue(f.Value))
		}
		if text := strings.Join(parts, "\n&& "); !slices.Contains(variants, text) {
			variants = append(variants, text)
		}
	}
	return strings.Join(variants, "\n|| ")
}

// none is an empty value of the same kind.
func none(value any) any {
	switch value.(type) {
	case object.Map:
		return object.Map{}
	case object.List:
		return object.List{}
	case string:
		return ""
	case bool:
		return false
	default:
		return 0
	}
}

// llmURIs are what is loaded, sorted.
func llmURIs(m *model.Model) []string {
	var out []string
	for _, v := range m.Loaded() {
		out = append(out, v.Artifact.StorageURI())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const resourcesField = "resources"

// llmContainerKeys are the fields of its container.
func llmContainerKeys() []string {
	keys := append(passthrough.Told(), "name", resourcesField)
	slices.Sort(keys)
	return keys
}
