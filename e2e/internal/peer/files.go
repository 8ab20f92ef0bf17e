package peer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// Files is a Go module of which files are wanted that are not Go: CRDs, settings.
type Files string

// What judges the objects that modelfn emits, in the versions of the peers.
const (
	KServeFiles     Files = "github.com/kserve/kserve@v0.20.0"
	kserveFiles017  Files = "github.com/kserve/kserve@v0.17.0"
	GatewayAPIFiles Files = "sigs.k8s.io/gateway-api@v1.5.1"
	KyvernoFiles    Files = "github.com/kyverno/kyverno@v1.19.1"
	GatekeeperFiles Files = "github.com/open-policy-agent/gatekeeper/v3@v3.23.1"
	ArgoCDFiles     Files = "github.com/argoproj/argo-cd/v3@v3.2.12"
	KEDAFiles       Files = "github.com/kedacore/keda/v2@v2.18.0" // KServe's own requirement
)

// What Flux's controllers read.
const (
	SourceControllerFiles    Files = "github.com/fluxcd/source-controller@v1.9.5"
	KustomizeControllerFiles Files = "github.com/fluxcd/kustomize-controller@v1.9.5"
)

// ArgoCDFiles35 is newer than the peer: its modules do not resolve, its files do.
const ArgoCDFiles35 Files = "github.com/argoproj/argo-cd/v3@v3.5.3"

// Dir returns the folder of the module in the module cache.
func (f Files) Dir() (string, error) {
	return builds.do(string(f), func() (string, error) { return download(string(f)) })
}

// download returns the folder of a module in the module cache. It runs outside
// any module: neither ours nor KServe's go.mod is to be resolved for YAML files.
func download(module string) (string, error) {
	outside, err := os.MkdirTemp("", "download")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(outside) }()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = outside
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: downloading: %w\n%s%s", module, err, stdout, stderr.Bytes())
	}
	var answer struct{ Dir string }
	if err := json.Unmarshal(stdout, &answer); err != nil {
		return "", fmt.Errorf("%s: downloading: %w", module, err)
	}
	return answer.Dir, nil
}
