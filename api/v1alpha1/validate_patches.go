package v1alpha1

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// patchable are the fields that may be left to patches, by kind: none of them says
// what is served or by what, and what guards it is said by the platform's policy.
var patchable = map[string][]string{
	"InferenceService": {
		"spec.predictor.minReplicas", "spec.predictor.maxReplicas", "spec.predictor.scaleTarget", "spec.predictor.scaleMetric",
		"spec.predictor.containerConcurrency", "spec.predictor.timeout", "spec.predictor.deploymentStrategy",
		"spec.predictor.nodeSelector", "spec.predictor.tolerations", "spec.predictor.affinity",
		"spec.predictor.topologySpreadConstraints", "spec.predictor.priorityClassName", "spec.predictor.model.resources",
	},
	"LLMInferenceService": {"spec.replicas"},
	"HTTPRoute":           {"spec.hostnames"},
	"GRPCRoute":           {"spec.hostnames"},
}

// patches checks what may be changed after the generation.
func (e *fieldErrors) patches(at string, list []PatchedFields) {
	for i, p := range list {
		if patchable[p.Kind] == nil {
			e.add(fmt.Sprintf("%s[%d].kind", at, i), "use "+strings.Join(slices.Sorted(maps.Keys(patchable)), ", "), "%q cannot be left to patches", p.Kind)
			continue
		}
		if len(p.Fields) == 0 {
			e.add(fmt.Sprintf("%s[%d].fields", at, i), "name the fields that may change", "required")
		}
		for j, field := range p.Fields {
			if !leftToPatches(p.Kind, field) {
				e.add(fmt.Sprintf("%s[%d].fields[%d]", at, i, j),
					"use metadata.labels.KEY, metadata.annotations.KEY, "+strings.Join(patchable[p.Kind], ", ")+", or fields below them; all else is written in the ModelDeployment",
					"%q of %s cannot be left to patches", field, p.Kind)
			}
		}
	}
}

func leftToPatches(kind, field string) bool {
	for _, root := range []string{"metadata.labels.", "metadata.annotations."} {
		if key, ok := strings.CutPrefix(field, root); ok {
			domain, _, _ := strings.Cut(key, "/")
			return key != "" && key != "app.kubernetes.io/managed-by" && domain != Group &&
				// internal.serving.kserve.io has what takes a model from elsewhere.
				domain != "kserve.io" && !strings.HasSuffix(domain, ".kserve.io")
		}
	}
	return slices.ContainsFunc(patchable[kind], func(p string) bool { return field == p || strings.HasPrefix(field, p+".") })
}
