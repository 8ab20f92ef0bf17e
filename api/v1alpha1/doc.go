// Package v1alpha1 holds modelfn's three kinds: ModelDeployment (what a model
// team writes), ModelPlatform (who may sign what, and how models are served)
// and ModelLock (what was resolved, with its evidence). Decode reads one
// strictly; each kind defaults and validates itself.
package v1alpha1

// The API group, its version and the kinds in it.
const (
	// Group is the API group of every kind of this package.
	Group = "modelfn.dev"
	// APIVersion is the group and version the kinds are written with.
	APIVersion = Group + "/v1alpha1"

	// KindModelDeployment is the model team's kind.
	KindModelDeployment = "ModelDeployment"
	// KindModelPlatform is the platform team's kind.
	KindModelPlatform = "ModelPlatform"
	// KindModelLock is what `modelfn lock` writes.
	KindModelLock = "ModelLock"
)

// TypeMeta names the kind. It is our own, so that reading a lock does not link
// Kubernetes' machinery.
type TypeMeta struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// ObjectMeta is the part of Kubernetes' object metadata that has a meaning
// before an object reaches a cluster.
type ObjectMeta struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}
