package v1alpha1

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/passthrough"
	"github.com/modelfn/modelfn/internal/pattern"
)

// Runtime is a serving runtime of one's own, which KServe does not ship, for
// Standard mode.
type Runtime struct {
	// Name of the ServingRuntime or ClusterServingRuntime.
	Name string `json:"name"`
	// ServedName says how its server is told under which name to serve a model.
	ServedName ServedName `json:"servedName"`
	// HTTPPort is the first port that the runtime's container names; 0 where it names
	// none, and answers HTTP at 8080.
	HTTPPort int `json:"httpPort,omitempty"`
	// GRPCPort is the container's port that answers gRPC, where one does.
	GRPCPort int `json:"grpcPort,omitempty"`
}

// ServedName is how a server is told under which name to serve a model. One of
// the fields is set.
type ServedName struct {
	// Flag of the server, with its "=": --model_name=. Of several the last has to
	// count, since the runtime's own stands before it.
	Flag string `json:"flag,omitempty"`
	// Env is an environment variable.
	Env string `json:"env,omitempty"`
	// Fixed: the server tells the name from the artifact, or takes any.
	Fixed bool `json:"fixed,omitempty"`
}

var (
	// nameFlag has nothing of KServe's templates ({{ }}) nor of Kubernetes'
	// variables ($( )), which would both be filled in.
	nameFlag = pattern.New(`^--?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?=$`)
	envName  = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// maxServedName bounds a flag's or a variable's name.
const maxServedName = 64

// carriers: what tells a server under which name to serve is not for
// ModelDeployments to set.
func (e *fieldErrors) carriers(path string, widened []string, list []Runtime) {
	for i, name := range widened {
		for _, r := range list {
			if passthrough.Carries(name, r.ServedName.Flag, r.ServedName.Env) {
				e.add(fmt.Sprintf("%s[%d]", path, i), "remove it", "%.100q cannot be allowed: it tells the runtime %s under which name to serve (spec.serving.runtimes)", name, r.Name)
				break
			}
		}
	}
}

// runtimes checks what a platform says of its own runtimes.
func (e *fieldErrors) runtimes(path string, list []Runtime) {
	seen := map[string]bool{}
	for i, r := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if r.Name == "" {
			e.add(at+".name", "use the name of a ServingRuntime", "required")
		}
		e.runtime(at+".name", r.Name)
		if seen[r.Name] {
			e.add(at+".name", "merge the two entries", "%q is listed twice", r.Name)
		}
		seen[r.Name] = true
		e.servedName(at+".servedName", r.ServedName)
		e.port(at+".httpPort", r.HTTPPort)
		e.port(at+".grpcPort", r.GRPCPort)
	}
}

// port checks a port, of which 0 says nothing.
func (e *fieldErrors) port(path string, port int) {
	if port < 0 || port > maxPort {
		e.add(path, "use a port from 1 to 65535", "%d is no port", port)
	}
}

func (e *fieldErrors) servedName(path string, n ServedName) {
	ways := 0
	for _, set := range []bool{n.Flag != "", n.Env != "", n.Fixed} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		e.add(path, `write one of flag: "--model_name=", env: MODEL_NAME, fixed: true`, "%d ways to tell a server the name", ways)
	}
	if n.Flag != "" && (!nameFlag.MatchString(n.Flag) || len(n.Flag) > maxServedName) {
		e.add(path+".flag", "write a flag with its '=', such as --model_name=", "%.100q is no flag", n.Flag)
	}
	if n.Env != "" && (!envName.MatchString(n.Env) || len(n.Env) > maxServedName) {
		e.add(path+".env", "use letters, digits and '_'", "%.100q is no environment variable", n.Env)
	}
}
