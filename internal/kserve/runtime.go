package kserve

// Runtime is a ClusterServingRuntime that KServe ships.
type Runtime struct {
	Name string
	// Formats that it loads, with its priority among the runtimes for it; KServe
	// chooses the highest. 0 is never chosen unasked.
	Formats map[string]int
	// Protocols that it says it speaks; none is any.
	Protocols []string
	// Named says how the served model gets its name.
	Named Naming
}

// Naming is how a runtime is told the name that a model is served under.
type Naming struct {
	// Flag of the server, with "="; the last one counts.
	Flag string
	// Env is an environment variable.
	Env string
	// Artifact: the name is in the artifact (a model repository's folder), the same
	// for each version that was packed alike.
	Artifact bool
}

// Known tells whether the name can be set, or need not be.
func (n Naming) Known() bool { return n != Naming{} }

var (
	byModelName  = Naming{Flag: "--model_name="}
	byServedName = Naming{Flag: "--served-model-name="}
	byMLServer   = Naming{Env: "MLSERVER_MODEL_NAME"}
	byArtifact   = Naming{Artifact: true}

	v1, v2, both = []string{"v1"}, []string{"v2"}, []string{"v1", "v2"}
)

// Protocol is the one to state for a runtime where none is stated: KServe takes
// it for v1.
func (r Runtime) Protocol() string {
	if !r.Speaks("v1") {
		return r.Protocols[0]
	}
	return ""
}
