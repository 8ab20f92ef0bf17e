package generators

import "github.com/modelfn/modelfn/internal/object"

// Executed is what of an object KServe's managers execute as a Go template: of an
// LLMInferenceService everything, its labels and annotations, too, and of an
// InferenceService the container that loads the model.
func Executed(o object.Object) object.Map {
	spec, _ := o.Body.Get("spec").(object.Map)
	switch o.Kind {
	case kindLLMInferenceService:
		return object.Map{
			{Key: "metadata", Value: object.Map{{Key: "labels", Value: object.Strings(o.Labels)}, {Key: "annotations", Value: object.Strings(o.Annotations)}}},
			{Key: "spec", Value: spec},
		}
	case kindInferenceService:
		predictor, _ := spec.Get("predictor").(object.Map)
		return object.Map{{Key: "spec", Value: object.Map{{Key: "predictor", Value: object.Map{{Key: "model", Value: predictor.Get("model")}}}}}}
	}
	return nil
}
