package generators

import (
	"github.com/modelfn/modelfn/internal/object"
)

// MadeByKServe are the objects that requests go through and that KServe makes for
// one of ours, by kind and name: nobody else may make them. Each component gets a
// Service. The InferenceService's own name is that of a Service in Knative mode,
// and in Standard mode of a route, once nothing keeps it from being public.
func MadeByKServe(o object.Object) []object.Object {
	switch o.Kind {
	case kindInferenceService:
	case kindLLMInferenceService:
		return namedByLLM(o)
	default:
		return nil
	}
	service := func(suffix string) object.Object {
		return object.Object{APIVersion: "v1", Kind: kindService, Namespace: o.Namespace, Name: o.Name + suffix}
	}
	own := service("")
	if o.Labels[visibilityLabel] != "" {
		own.APIVersion, own.Kind = gatewayAPI, kindHTTPRoute
	}
	out := []object.Object{own}
	spec, _ := o.Body.Get("spec").(object.Map)
	for _, component := range spec {
		out = append(out, service("-"+component.Key))
	}
	return out
}

// namedByLLM are the paths by which requests ask for a large language model and
// its adapters. Of two routes with one path a gateway takes the older.
func namedByLLM(o object.Object) []object.Object {
	spec, _ := o.Body.Get("spec").(object.Map)
	served, _ := spec.Get("model").(object.Map)
	lora, _ := served.Get("lora").(object.Map)
	adapters, _ := lora.Get("adapters").(object.List)
	var out []object.Object
	for _, model := range append(object.List{served}, adapters...) {
		name, _ := model.(object.Map).Get("name").(string)
		out = append(out, object.Object{Kind: "path", Name: "/publishers/" + o.Namespace + "/models/" + name})
	}
	return out
}
