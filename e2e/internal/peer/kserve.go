package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// The KServe release whose CRDs judge what modelfn emits.
const (
	kserveModule  = "github.com/kserve/kserve"
	kserveVersion = "v0.20.0"
)

// KServeCRDs returns a file of KServe's CustomResourceDefinitions, for tools
// that must know the kinds they judge. It is one file for all of them: of
// several that name the same API group, `kyverno apply --crd-paths` keeps the
// last.
func KServeCRDs() (string, error) {
	return builds.do(kserveModule, func() (string, error) {
		dir, err := download(kserveModule + "@" + kserveVersion)
		if err != nil {
			return "", err
		}
		return join(filepath.Join(dir, "config/crd/full"))
	})
}

// join writes the CRDs under a folder into one file of the peers' cache.
func join(folder string) (string, error) {
	var files []string
	for _, pattern := range []string{"serving.kserve.io_*.yaml", "*/serving.kserve.io_*.yaml"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return "", err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%s: no CRDs", folder)
	}
	slices.Sort(files)
	var all bytes.Buffer
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "---\n%s\n", content)
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kserve-"+kserveVersion+"-crds.yaml")
	return path, replace(path, all.Bytes())
}

// replace puts the file there whole: another test binary may be reading it.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
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
