package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// guardedFS is the disk as kustomize sees it in a build: nothing outside bound,
// also not through a symbolic link, and the built directory's kustomization
// with modelfn's own function as its last transformer.
type guardedFS struct {
	filesys.FileSystem
	// bound is the evaluated path of the repository.
	bound string
	// top is the kustomization file that gets the transformer.
	top string
}

// newGuardedFS bounds reads to the repository that dir is in.
func newGuardedFS(dir, bound string) (guardedFS, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return guardedFS{}, err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return guardedFS{}, err
	}
	if bound == "" {
		bound = repository(abs)
	}
	if bound, err = filepath.EvalSymlinks(bound); err != nil {
		return guardedFS{}, err
	}
	return guardedFS{
		FileSystem: filesys.MakeFsOnDisk(),
		bound:      bound,
		top:        filepath.Join(abs, kustomizationFile(abs)),
	}, nil
}

// repository is the nearest parent with a .git, or the root of what Argo CD
// sent (it may leave .git out), or the directory itself.
func repository(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	source := filepath.Clean("/" + os.Getenv("ARGOCD_APP_SOURCE_PATH"))
	if root, ok := strings.CutSuffix(dir, source); ok && source != "/" && root != "" {
		return root
	}
	return dir
}

func (g guardedFS) injected() string { return filepath.Join(filepath.Dir(g.top), injectedFile) }

func (g guardedFS) check(path string) error {
	evaluated, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if evaluated, err = filepath.Abs(evaluated); err != nil {
		return err
	}
	if evaluated != g.bound && !strings.HasPrefix(evaluated, g.bound+string(filepath.Separator)) {
		return fmt.Errorf("%s leads out of the repository (%s): build reads nothing else", path, filepath.Base(g.bound))
	}
	return nil
}

// ReadFile adds modelfn's transformer to the built kustomization.
func (g guardedFS) ReadFile(path string) ([]byte, error) {
	if path == g.injected() {
		return []byte(injectedTransformer), nil
	}
	if err := g.check(path); err != nil {
		return nil, err
	}
	raw, err := g.FileSystem.ReadFile(path)
	if err != nil || path != g.top {
		return raw, err
	}
	return inject(raw)
}

// CleanedAbs is what kustomize evaluates directories and files with.
func (g guardedFS) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if path == g.injected() {
		return filesys.ConfirmedDir(filepath.Dir(path)), filepath.Base(path), nil
	}
	if err := g.check(path); err != nil && !os.IsNotExist(err) {
		return "", "", err
	}
	return g.FileSystem.CleanedAbs(path)
}

// Open is bounded as ReadFile is.
func (g guardedFS) Open(path string) (filesys.File, error) {
	if err := g.check(path); err != nil {
		return nil, err
	}
	return g.FileSystem.Open(path)
}

// ReadDir is bounded as ReadFile is.
func (g guardedFS) ReadDir(path string) ([]string, error) {
	if err := g.check(path); err != nil {
		return nil, err
	}
	return g.FileSystem.ReadDir(path)
}

// Glob is bounded by what is opened afterwards.
func (g guardedFS) Glob(pattern string) ([]string, error) { return g.FileSystem.Glob(pattern) }

// injectedFile is where kustomize finds modelfn's own transformer. It is a path
// and not inline, since kustomize runs inline transformers before all others.
const injectedFile = ".modelfn-transformer.yaml"

const injectedTransformer = `apiVersion: ` + injectedAPI + `
kind: Build
metadata:
  name: modelfn
  annotations:
    config.kubernetes.io/function: |
      container:
        image: ` + Image + `
`

// inject appends modelfn's own transformer, so that models are expanded last,
// with their final names, also where the kustomization declares no function.
func inject(raw []byte) ([]byte, error) {
	var k map[string]any
	if err := yaml.UnmarshalStrict(raw, &k); err != nil {
		return nil, fmt.Errorf("kustomization: %w", err)
	}
	if k == nil {
		k = map[string]any{}
	}
	list, _ := k["transformers"].([]any)
	if k["transformers"] != nil && list == nil {
		return nil, fmt.Errorf("kustomization: transformers is no list")
	}
	if k["kind"] == types.ComponentKind {
		return nil, fmt.Errorf("kustomization: a component cannot be built by itself")
	}
	k["transformers"] = append(list, injectedFile)
	return yaml.Marshal(k)
}
