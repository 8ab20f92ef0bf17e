package generators

import (
	"github.com/modelfn/modelfn/internal/object"
)

// MadeByKServe are the objects that requests go through and that KServe makes for
// one of ours, by kind and name: nobody else may make them. Each component gets a
// Service. The InferenceService's own name is that of a Service in Knative mode,
// and in Standard mode of a route, once nothing keeps it from being public.
func MadeByKServe(o object.Object) []object.Object {
	if o.Kind != kindInferenceService {
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
