package v1alpha1

// LLM makes a version a large language model, served by KServe's
// LLMInferenceService. In a canary each field that is set overrides the stable
// version's.
type LLM struct {
	// Name by which requests ask for the model, such as meta/llama-3.1-8b; default
	// the ModelDeployment's. All versions have the same.
	Name string `json:"name,omitempty"`
	// Parallelism over the GPUs of one copy.
	Parallelism *Parallelism `json:"parallelism,omitempty"`
	// LoRA are adapters that are served beside the model itself.
	LoRA *LoRA `json:"lora,omitempty"`
	// Scheduler, also when it is empty, has KServe's endpoint picker choose the copy
	// that answers a request.
	Scheduler *Scheduler `json:"scheduler,omitempty"`
	// BaseRefs name LLMInferenceServiceConfigs of the cluster, the last one winning.
	// The platform lists those that may be used (spec.serving.llmConfigs).
	BaseRefs []string `json:"baseRefs,omitempty"`
}

// Parallelism is how one copy of a model is spread over GPUs. Each number is a
// count from 1; 0 says nothing.
type Parallelism struct {
	Tensor   int `json:"tensor,omitempty"`
	Pipeline int `json:"pipeline,omitempty"`
	// Data and DataLocal, the share of one node, go together, and exclude Pipeline.
	Data      int  `json:"data,omitempty"`
	DataLocal int  `json:"dataLocal,omitempty"`
	Expert    bool `json:"expert,omitempty"`
}

// LoRA are adapters of a model, each pinned and verified as the model is.
type LoRA struct {
	Adapters []Adapter `json:"adapters"`
	// MaxRank, MaxAdapters and MaxCPUAdapters are vLLM's bounds; 0 is its default.
	MaxRank        int `json:"maxRank,omitempty"`
	MaxAdapters    int `json:"maxAdapters,omitempty"`
	MaxCPUAdapters int `json:"maxCpuAdapters,omitempty"`
}

// Adapter is one LoRA adapter.
type Adapter struct {
	// Name by which requests ask for the model with this adapter.
	Name string `json:"name"`
	// Model is the adapter's URI, as spec.model.
	Model string `json:"model"`
}

// Scheduler is KServe's endpoint picker.
type Scheduler struct {
	// Replicas of it; 0 is KServe's default.
	Replicas int `json:"replicas,omitempty"`
}

// Adapters are the LoRA adapters, if any; also of a nil LLM.
func (l *LLM) Adapters() []Adapter {
	if l == nil || l.LoRA == nil {
		return nil
	}
	return l.LoRA.Adapters
}

// With is the LLM with the fields that the other sets; also of a nil LLM.
func (l *LLM) With(over *LLM) *LLM {
	if l == nil || over == nil {
		if l == nil {
			return over
		}
		return l
	}
	out := *l
	if over.Name != "" {
		out.Name = over.Name
	}
	if over.Parallelism != nil {
		out.Parallelism = over.Parallelism
	}
	if over.LoRA != nil {
		out.LoRA = over.LoRA
	}
	if over.Scheduler != nil {
		out.Scheduler = over.Scheduler
	}
	if over.BaseRefs != nil {
		out.BaseRefs = over.BaseRefs
	}
	return &out
}
