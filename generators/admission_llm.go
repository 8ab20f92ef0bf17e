package generators

import (
	"slices"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// llmGuard holds LLMInferenceServices, of any version, to what modelfn could have
// rendered.
func llmGuard(p *model.Platform) admissionPolicy {
	guard := modelGuard(p, "modelfn-llms", kindLLMInferenceService,
		object.List{
			named("model", "object.?spec.model.orValue({})"),
			named("adapters", "variables.model.?lora.adapters.orValue([])"),
			named("uris", "[variables.model.?uri.orValue('')] + variables.adapters.map(a, a.?uri.orValue(''))"),
			named("template", "object.?spec.template.orValue({})"),
			named("container", "variables.template.?containers.orValue([])[?0].orValue({})"),
			named("router", "object.?spec.router.orValue({})"),
		},
		slices.Concat(
			llmPaths(p),
			toldByName(p, llmArguments(), namings{}),
			llmRouting(p),
			object.List{validation("KServe executes {{ anywhere in the object as a template, so that no text of it may hold one",
				lines(inert, "&& "+withoutTemplates("object.?spec.orValue({})", specDepth)))},
		))
	guard.always = "!(" + inert + ")"
	return guard
}

// llmPaths leaves spec.model and its adapters as the places that name a model.
func llmPaths(p *model.Platform) object.List {
	pod := append(passthrough.Widened(p.Spec.Serving.AllowPredictorFields).Fields(), passthrough.Fields()...)
	pod = slices.DeleteFunc(pod, func(k string) bool { return slices.Contains(passthrough.OfInferenceService(), k) })
	pod = append(pod, "containers")
	slices.Sort(pod)
	return object.List{
		validation("spec may hold only what is rendered: no worker, prefill, storageInitializer, kvCacheOffloading or annotations of its own",
			onlyKeys("object.spec", "baseRefs", "model", "parallelism", "replicas", "router", "scaling", "template")),
		validation("spec.model may name a model by uri, and adapters by lora.adapters, only",
			lines(onlyKeys("variables.model", "lora", "name", "uri"),
				"&& "+onlyKeys("variables.model.?lora.orValue({})", "adapters", "maxAdapters", "maxCpuAdapters", "maxRank"),
				"&& variables.adapters.all(a, "+onlyKeys("a", "name", "uri")+")")),
		validation("spec.template may hold the one container "+llmContainer+" and only what is listed, or the platform allows (spec.serving.allowPredictorFields): no volumes, initContainers, image or command",
			lines(onlyKeys("variables.template", slices.Compact(pod)...),
				"&& variables.template.?containers.orValue([]).size() <= 1",
				"&& (variables.container.size() == 0 || variables.container.?name.orValue('') == "+celString(llmContainer)+")",
				"&& "+onlyKeys("variables.container", llmContainerKeys()...))),
		validation("spec.baseRefs may name only configs that the platform lists (spec.serving.llmConfigs)",
			"object.spec.?baseRefs.orValue([]).all(r, "+onlyKeys("r", "name")+" && r.?name.orValue('') in "+celList(p.Spec.Serving.LLMConfigs)+")"),
	}
}

// llmRouting: a route or a pool of one's own could lead to other pods.
func llmRouting(p *model.Platform) object.List {
	gateway := "false"
	if g := p.Spec.Serving.Gateway; g != nil {
		in := "object.metadata.namespace" // without one it is the object's own
		if g.Namespace != "" {
			in = celString(g.Namespace)
		}
		gateway = onlyKeys("g", "name", "namespace") + " && g.name == " + celString(g.Name) + " && g.?namespace.orValue(" + in + ") == " + in
	}
	return object.List{validation("spec.router may name the platform's gateway, group and weight, and the scheduler's replicas, only: no route, pool, scheduler or ingress of its own",
		lines(onlyKeys("variables.router", "gateway", "route", "scheduler"),
			"&& "+onlyKeys("variables.router.?gateway.orValue({})", "refs"),
			"&& variables.router.?gateway.refs.orValue([]).all(g, "+gateway+")",
			"&& "+onlyKeys("variables.router.?route.orValue({})", "group", "weight"),
			"&& "+onlyKeys("variables.router.?scheduler.orValue({})", "replicas"),
			"&& "+onlyKeys("object.spec.?scaling.orValue({})", "maxReplicas", "minReplicas", "wva")))}
}
