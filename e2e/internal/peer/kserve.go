package peer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// KServe is a version of KServe that runs: its files, and the peer that is its
// controller manager.
type KServe struct {
	// Version is how platforms write it.
	Version string
	Files   Files
	Manager string
}

// The versions that modelfn makes objects for.
var (
	KServe017 = KServe{"0.17", kserveFiles017, kserveManager017}
	KServe020 = KServe{"0.20", KServeFiles, KServeManager}
)

// KServeCRDs returns a file of KServe's CustomResourceDefinitions, for tools
// that must know the kinds they judge. It is one file for all of them: of
// several that name the same API group, `kyverno apply --crd-paths` keeps the
// last.
func KServeCRDs() (string, error) {
	return builds.do("kserve-crds", func() (string, error) {
		dir, err := KServeFiles.Dir()
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
	_, version, _ := strings.Cut(string(KServeFiles), "@")
	path := filepath.Join(dir, "kserve-"+version+"-crds.yaml")
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
