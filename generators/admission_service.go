package generators

import (
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// serviceGuard holds InferenceServices to what modelfn could have rendered: each
// field by which KServe would load something else is refused by not being listed.
func serviceGuard(p *model.Platform) admissionPolicy {
	return modelGuard(p, "modelfn-models", kindInferenceService,
		object.List{
			named("predictor", "object.?spec.predictor.orValue({})"),
			named("container", "variables.predictor.?model.orValue({})"),
			named("uris", "[variables.container.?storageUri.orValue('')]"),
			named("around", "[object.?spec.transformer.orValue({}), object.?spec.explainer.orValue({})]"),
			named("beside", "variables.predictor.?containers.orValue([])"),
			named("images", "(variables.beside + variables.around[0].?containers.orValue([]) + variables.around[1].?containers.orValue([])).map(c, c.?image.orValue(''))"),
		},
		slices.Concat(
			servicePaths(p),
			toldByName(p, serviceArguments(p), allNamings(p)),
			serviceContainers(),
			imagesAllowed(p),
			serviceScaling(p),
			serviceMode(p),
		))
}

// servicePaths leaves spec.predictor.model as the one place that names a model.
func servicePaths(p *model.Platform) object.List {
	predictor := append(passthrough.Widened(p.Spec.Serving.AllowPredictorFields).Fields(), passthrough.Fields()...)
	predictor = append(predictor, "containers", "maxReplicas", "minReplicas", "model", "scaleMetric", "scaleTarget")
	if p.Spec.Serving.Mode == v1alpha1.ModeStandard {
		predictor = append(predictor, "autoScaling")
	} else {
		predictor = append(predictor, "canaryTrafficPercent")
	}
	slices.Sort(predictor)
	loaded := append(passthrough.Told(), "modelFormat", "name", "ports", "protocolVersion", "resources", "runtime", "storageUri")
	slices.Sort(loaded)
	return object.List{
		validation("spec may hold predictor, transformer and explainer only: another version is an InferenceService of its own, or modelfn's canary",
			onlyKeys("object.spec", "explainer", "predictor", "transformer")),
		validation("only spec.predictor.model may name a model, and spec.predictor hold only what is listed, or the platform allows (spec.serving.allowPredictorFields): no framework's own field, storageUris, volumes, initContainers or workerSpec",
			onlyKeys("variables.predictor", slices.Compact(predictor)...)),
		validation("spec.predictor.model may name a model by storageUri only: no storage, storageUris, command, image or volumeMounts",
			lines(onlyKeys("variables.container", loaded...),
				// KServe writes an empty one.
				"&& variables.container.?name.orValue('') == ''",
				"&& variables.container.?ports.orValue([]).all(p, "+onlyKeys("p", "containerPort", "name", "protocol")+")")),
		validation("KServe executes {{ anywhere in spec.predictor.model as a template, so that no text of it may hold one",
			withoutTemplates("variables.container", containerDepth)),
	}
}

// serviceContainers are plain ones, with KServe's own names left to KServe: what is
// called as the model's container would be laid over it.
func serviceContainers() object.List {
	return object.List{
		validation("containers beside the model may have a name, an image and resources only, and no name of KServe's own",
			"variables.beside.all(c, "+onlyKeys("c", "image", "name", "resources")+" && !(c.?name.orValue('') in "+celList(v1alpha1.TakenNames())+"))"),
		validation("a transformer or an explainer may have plain containers and replicas only: no model, storageUris, art, volumes or initContainers",
			lines("variables.around.all(a, "+onlyKeys("a", "autoScaling", "containers", "maxReplicas", "minReplicas", "scaleMetric", "scaleTarget"),
				"&& a.?containers.orValue([]).all(c, "+onlyKeys("c", "args", "image", "name", "ports", "resources"),
				"&& (!('args' in c) || c.args.size() == 2 && c.args[0] == '--model_name' && c.args[1] == variables.deployment)",
				"&& c.?ports.orValue([]).all(p, "+onlyKeys("p", "containerPort", "name", "protocol")+")))")),
	}
}

// serviceScaling: KEDA fetches from the address that it is told, which is the
// platform's.
func serviceScaling(p *model.Platform) object.List {
	server := "false"
	if p.Spec.Serving.Prometheus != nil {
		server = lines(onlyKeys("m.external", "metric", "target"),
			"&& "+onlyKeys("m.external.?metric.orValue({})", "backend", "query", "serverAddress"),
			"&& m.external.?metric.serverAddress.orValue('') == "+celString(p.Spec.Serving.Prometheus.ServerAddress))
	}
	return object.List{validation("what is scaled by a query must ask the platform's server (spec.serving.prometheus)",
		lines("[variables.predictor, variables.around[0], variables.around[1]].all(c,",
			onlyKeys("c.?autoScaling.orValue({})", "metrics"),
			"&& c.?autoScaling.metrics.orValue([]).all(m, "+onlyKeys("m", "external", "resource", "type"),
			"&& (!('external' in m) || "+server+")))"))}
}

// serviceMode: KServe leaves what has another mode to another controller, and makes
// routes of its own unless it is told not to.
func serviceMode(p *model.Platform) object.List {
	mode := p.Spec.Serving.Mode
	out := object.List{validation("models are served in "+mode+" mode: the annotation "+modeAnnotation+" must say so",
		"variables.annotations[?"+celString(modeAnnotation)+"].orValue('') == "+celString(mode))}
	if mode == v1alpha1.ModeStandard {
		out = append(out, validation("the label "+visibilityLabel+" must keep KServe from making public routes",
			"object.metadata.?labels[?"+celString(visibilityLabel)+"].orValue('') == "+celString(clusterLocal)))
	}
	return out
}
