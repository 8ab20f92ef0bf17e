package v1alpha1

// MainContainer is KServe's name of the container that answers requests.
const MainContainer = "kserve-container"

// Container is a container that runs beside the model, or around it. It has no
// other fields of Kubernetes: arguments, environment, ports, probes and volumes
// could each make something else answer than the verified model.
type Container struct {
	// Name is unique in its component. The first container of a transformer or
	// explainer is kserve-container, which is also the default there.
	Name string `json:"name,omitempty"`
	// Image is registry/repository:tag or @sha256:digest. A rule in spec.images
	// of the platform must allow it.
	Image string `json:"image"`
	// Resources of the container.
	Resources *Resources `json:"resources,omitempty"`
}

// Component is a custom transformer or explainer.
type Component struct {
	// Containers of the component; the first one answers requests.
	Containers []Container `json:"containers"`
	// Replicas bounds how many copies of the component run.
	Replicas *Replicas `json:"replicas,omitempty"`
	// Autoscaling says what their number follows. Its class is the deployment's.
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
}
