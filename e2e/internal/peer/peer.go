// Package peer finds the real tools that e2e runs. Each is built once from its
// own module under peers/ by build.sh, through the Go module proxy only, and
// kept outside the clone.
package peer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Names of the peers that build.sh knows.
const (
	Kustomize = "kustomize"
	Kpt       = "kpt"
	Kit       = "kit"
	Cosign2   = "cosign2"
	Cosign3   = "cosign3"
	Crane     = "crane"
	Oras      = "oras"
	Registry  = "registry"
	CMPServer = "argocd-cmp-server"
	CMPDrive  = "cmp-drive"
	Projects  = "project-judge"
	RepoDrive = "repo-drive"
	AppJudge  = "app-judge"
	Kyverno   = "kyverno"
	Gator     = "gator"

	// RepoServer is Argo CD's.
	RepoServer = "argocd-repo-server"

	// GatekeeperMakes prints what Gatekeeper's controllers make.
	GatekeeperMakes = "gatekeeper-makes"

	Etcd          = "etcd"
	KubeAPIServer = "kube-apiserver"
	KServeManager = "kserve-manager"
	LLMManager    = "llmisvc-manager"
	IsvcJudge     = "isvc-judge"

	Flux                = "flux"
	SourceController    = "source-controller"
	KustomizeController = "kustomize-controller"

	// What only benchmarks run.
	Helm = "helm"
	Kbld = "kbld"

	kserveManager017 = "kserve-manager-0.17"
)

var builds onces

// Path returns the named peer's binary, building it when it is not there yet.
// A first build takes minutes: Kyverno's is 167 s on two cores.
func Path(name string) (string, error) {
	return builds.do(name, func() (string, error) { return build(name) })
}

func build(name string) (string, error) {
	script, err := findScript()
	if err != nil {
		return "", err
	}
	unlock, err := lock(name)
	if err != nil {
		return "", err
	}
	defer unlock()
	cmd := exec.Command(script, name)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", script, name, err, stderr.String())
	}
	for line := range strings.Lines(stdout.String()) {
		if got, path, ok := strings.Cut(strings.TrimSpace(line), " "); ok && got == name {
			return path, nil
		}
	}
	return "", fmt.Errorf("peer %s: %s does not know it", name, script)
}

// findScript looks upwards, since a test runs in its package's directory and a
// command in the module's or the repository's.
func findScript() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		for _, rel := range []string{"peers/build.sh", "e2e/peers/build.sh"} {
			path := filepath.Join(dir, rel)
			if _, err := os.Stat(path); err == nil {
				return path, nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no peers/build.sh above %s", start)
		}
	}
}

// lock keeps two test binaries, which `go test ./...` runs side by side, from
// building the same peer into the same file.
func lock(name string) (unlock func(), err error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: locking: %w", f.Name(), err), f.Close())
	}
	// Closing the file releases the lock.
	return func() { _ = f.Close() }, nil
}

// cacheDir is the folder in which build.sh keeps what it builds.
func cacheDir() (string, error) {
	dir := os.Getenv("MODELFN_PEERS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(cache, "modelfn-peers")
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// onces remembers one answer per name for the life of the process.
type onces struct{ m sync.Map }

func (o *onces) do(name string, f func() (string, error)) (string, error) {
	once, _ := o.m.LoadOrStore(name, sync.OnceValues(f))
	return once.(func() (string, error))()
}
