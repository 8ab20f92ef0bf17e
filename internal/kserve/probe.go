package kserve

// Probes are those that a shipped runtime has of its own, by the way in which
// they ask. KServe lays an InferenceService's probe over them, field by field.
func Probes(runtime string) map[string]string {
	switch runtime {
	case "kserve-huggingfaceserver-multinode":
		return map[string]string{"livenessProbe": "exec", "readinessProbe": "exec", "startupProbe": "exec"}
	case VLLM:
		return map[string]string{"readinessProbe": "httpGet", "startupProbe": "httpGet"}
	default:
		return nil
	}
}

// LLMProbes are those that KServe's configuration of LLMInferenceServices has.
func LLMProbes() map[string]string {
	return map[string]string{"livenessProbe": "httpGet", "readinessProbe": "httpGet", "startupProbe": "httpGet"}
}
