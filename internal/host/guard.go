package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/internal/lock"
)

// guardedFS is the disk as kustomize sees it in a build: nothing outside bound,
// also not through a symbolic link, and the built directory's kustomization
// with modelfn's own function as its last transformer.
type guardedFS struct {
	filesys.FileSystem
	// bound is the evaluated path of the repository.
	bound string
	// top is the kustomization file that gets the transformer, text what it
	// reads as then.
	top  string
	text []byte
	// absent is a file that reads as an empty one whatever it holds, or "".
	absent string
	// origins has kustomize say which file each item is from.
	origins bool
	// read is what kustomize was given.
	read *texts
}

// newGuardedFS bounds reads to the repository that dir is in.
func newGuardedFS(dir, bound string) (guardedFS, error) {
	abs, err := evaluate(dir)
	if err != nil {
		return guardedFS{}, err
	}
	if bound == "" {
		bound = repository(abs)
	}
	if bound, err = evaluate(bound); err != nil {
		return guardedFS{}, err
	}
	return guardedFS{
		FileSystem: filesys.MakeFsOnDisk(),
		read:       &texts{light: lightKustomize},
		bound:      bound,
		top:        filepath.Join(abs, kustomizationFile(abs)),
	}, nil
}

// evaluate is a path from the root, without symbolic links.
func evaluate(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// repository is the nearest parent with a .git, or the root of what Argo CD
// sent (it may leave .git out), or the directory itself. Above what Argo CD sent
// are the checkouts of other applications: nobody looks there.
func repository(dir string) string {
	sent, ok := sourceRoot(dir)
	if root, found := gitRootBelow(sent, dir); found {
		return root
	}
	if ok {
		return sent
	}
	return dir
}

// sourceRoot is the root of what Argo CD sent, by what it says the path of dir in
// it is; without that the file system's.
func sourceRoot(dir string) (root string, ok bool) {
	path, set := os.LookupEnv("ARGOCD_APP_SOURCE_PATH")
	source := filepath.Clean("/" + path)
	if set && path != "" && source == "/" {
		return dir, true
	}
	if root, ok := strings.CutSuffix(dir, source); ok && source != "/" && root != "" {
		return root, true
	}
	return "/", false
}

// gitRoot is the nearest parent with a .git, if there is one.
func gitRoot(dir string) (string, bool) { return gitRootBelow("/", dir) }

// gitRootBelow looks no further up than top.
func gitRootBelow(top, dir string) (string, bool) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at, true
		}
		if at == top || at == filepath.Dir(at) {
			return "", false
		}
	}
}

var errGit = errors.New("is Git's own: build does not read it")

func (g guardedFS) injected() string { return filepath.Join(filepath.Dir(g.top), injectedFile) }

func (g guardedFS) check(path string) error {
	evaluated, err := evaluate(path)
	if err != nil {
		return err
	}
	// A checkout's .git holds credentials, not manifests.
	if slices.Contains(strings.Split(evaluated, string(filepath.Separator)), ".git") {
		return fmt.Errorf("%s %w", path, errGit)
	}
	if evaluated != g.bound && !strings.HasPrefix(evaluated, g.bound+string(filepath.Separator)) {
		return fmt.Errorf("%s leads out of the repository (%s): build reads nothing else", path, filepath.Base(g.bound))
	}
	return nil
}

// prepare reads the built kustomization and adds modelfn's transformer. Inside
// of kustomize an error here would become "no kustomization found".
func (g *guardedFS) prepare() error {
	if err := g.check(g.top); err != nil {
		return err
	}
	// kustomize would read what the link leads to, without the transformer.
	if info, err := os.Lstat(g.top); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", filepath.Base(g.top))
	}
	raw, err := readText(g.top, g.read)
	if err != nil {
		return err
	}
	if err := endless(raw); err != nil {
		return err
	}
	if g.text, err = inject(raw); err == nil && g.origins {
		g.text, err = withOrigins(g.text)
	}
	return err
}

// ReadFile is bounded to the repository, and to files of a sane size.
func (g guardedFS) ReadFile(path string) ([]byte, error) {
	switch path {
	case g.top:
		return g.text, nil
	case g.injected():
		return []byte(injectedTransformer), nil
	case g.absent:
		return nil, nil
	}
	if err := g.check(path); err != nil {
		return nil, err
	}
	var raw []byte
	var err error
	if isYAML(filepath.Base(path)) || filepath.Base(path) == "Kustomization" {
		raw, err = readText(path, g.read)
	} else if raw, err = lock.ReadBounded(path); err == nil {
		// Data of a generator, most of the time.
		err = g.read.add(path, raw)
	}
	if err != nil {
		return nil, err
	}
	return raw, endless(raw)
}

// CleanedAbs is what kustomize evaluates directories and files with.
func (g guardedFS) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if path == g.injected() || path == g.absent {
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
	for key := range k {
		// kustomize folds case, as Go's JSON does: of two spellings the last would hold.
		if strings.EqualFold(key, "transformers") && key != "transformers" {
			return nil, fmt.Errorf("kustomization: %q is spelled transformers", key)
		}
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
