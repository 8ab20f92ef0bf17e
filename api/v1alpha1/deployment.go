package v1alpha1

// ModelDeployment is the model team's file: which model is served, and how.
// Only spec.model is required.
type ModelDeployment struct {
	TypeMeta `json:",inline"`
	Metadata ObjectMeta          `json:"metadata"`
	Spec     ModelDeploymentSpec `json:"spec"`
}

// ModelDeploymentSpec is the stable version, inline, and what goes beside it.
type ModelDeploymentSpec struct {
	Version `json:",inline"`

	// Replicas bounds how many copies of the stable version run.
	Replicas *Replicas `json:"replicas,omitempty"`
	// Autoscaling says what the number of copies follows.
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
	// Transformer runs before and after the model, in pods of its own, whichever
	// version answers.
	Transformer *Component `json:"transformer,omitempty"`
	// Explainer explains the model's answers, in pods of its own.
	Explainer *Component `json:"explainer,omitempty"`
	// Canary is a second version that receives a part of the traffic.
	Canary *Canary `json:"canary,omitempty"`
	// Shadow is a second version that receives a copy of the traffic.
	Shadow *Canary `json:"shadow,omitempty"`
	// Rollout says how canaries of this model move; it outlives each of them.
	Rollout *Rollout `json:"rollout,omitempty"`
	// Lock is the inline form of a ModelLock, for hosts that hand over one
	// file only. `modelfn lock --inline` writes it.
	Lock *ModelLockSpec `json:"lock,omitempty"`
}

// Version is one version of a model and how it runs. For a canary each field
// that is set overrides the stable version's.
type Version struct {
	// Model is the artifact's URI: oci://host/repository:tag or @sha256:digest,
	// kit:// likewise.
	Model string `json:"model,omitempty"`
	// Format is the model format KServe selects a runtime by. By default it is
	// what the artifact's own config says.
	Format *Format `json:"format,omitempty"`
	// Runtime names a ServingRuntime. By default KServe chooses.
	Runtime string `json:"runtime,omitempty"`
	// ProtocolVersion is the inference protocol: v1, v2, grpc-v1 or grpc-v2.
	ProtocolVersion string `json:"protocolVersion,omitempty"`
	// Resources of the model container.
	Resources *Resources `json:"resources,omitempty"`
	// Predictor holds other fields of KServe's predictor, from an allow-list, and
	// the containers that run beside the model.
	Predictor Predictor `json:"predictor,omitempty"`
	// LLM has KServe's LLMInferenceService serve the version. An empty one is one.
	LLM *LLM `json:"llm,omitempty"`
	// Provenance is written into annotations (modelfn.dev/<key>), for instance
	// training-run-id or dataset-hash. The platform may require keys.
	Provenance map[string]string `json:"provenance,omitempty"`
}

// Format is a model format by KServe's name for it, such as sklearn or onnx.
type Format struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Replicas bounds the number of copies; max 0 means KServe's default.
type Replicas struct {
	Min *int `json:"min,omitempty"`
	Max int  `json:"max,omitempty"`
}

// Autoscaling says what the number of copies follows, and who counts.
type Autoscaling struct {
	// Class is who scales: in Standard mode hpa (the default), keda, external
	// (something of your own) or none (as many as replicas.min says). In Knative
	// mode Knative itself does.
	Class string `json:"class,omitempty"`
	// Metric is concurrency, rps, cpu or memory.
	Metric string `json:"metric,omitempty"`
	// Query is PromQL, instead of a metric, for class keda; which server is asked
	// says the platform. {name} and {namespace} are the InferenceService's, whose
	// name is the version's.
	Query string `json:"query,omitempty"`
	// Target is requests for concurrency and rps, percent of what is requested for
	// cpu and memory, and for a query its value for each copy. In Knative mode it is
	// MiB for memory.
	Target int `json:"target,omitempty"`
}

// Values of Autoscaling.Class.
const (
	ScaleHPA      = "hpa"
	ScaleKEDA     = "keda"
	ScaleExternal = "external"
	ScaleNone     = "none"
)

// OfPods tells whether the copies are counted by their own load.
func (a *Autoscaling) OfPods() bool { return a != nil && (a.Metric == "cpu" || a.Metric == "memory") }

// Resources are Kubernetes quantities by resource name.
type Resources struct {
	Limits   map[string]Quantity `json:"limits,omitempty"`
	Requests map[string]Quantity `json:"requests,omitempty"`
}

// Canary is a second version and its share.
type Canary struct {
	Version `json:",inline"`
	// Weight is the percentage of the traffic, 0 to 100.
	Weight *int `json:"weight,omitempty"`
	// Match sends requests with these header values to the canary, besides those that
	// the platform demands of every request. A shadow has none.
	Match map[string]string `json:"match,omitempty"`
}

// Rollout is the plan by which a canary gets more traffic.
type Rollout struct {
	// Steps are weights in percent, ascending, ending in 100.
	Steps []int `json:"steps,omitempty"`
	// Interval is the least time between two steps, such as 1h.
	Interval string `json:"interval,omitempty"`
	// Analysis is what must hold before the next step.
	Analysis map[string]any `json:"analysis,omitempty"`
}
