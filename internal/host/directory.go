package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/internal/finding"
)

// maxFile bounds one manifest file.
const maxFile = 16 << 20

const (
	pathAnnotation  = "internal.config.kubernetes.io/path"
	indexAnnotation = "internal.config.kubernetes.io/index"
)

// IsKustomization tells whether the directory has a kustomization file.
func IsKustomization(dir string) bool { return kustomizationFile(dir) != "" }

func kustomizationFile(dir string) string {
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// ReadDirectory reads the YAML files of a directory as items, each marked with
// its file; recursive descends, as in kubectl. A symbolic link is refused: it
// could lead out of the directory.
func ReadDirectory(dir string, recursive bool) (krm.KubeObjects, finding.List) {
	var items krm.KubeObjects
	var findings finding.List
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if recursive && !strings.HasPrefix(e.Name(), ".") {
				below, more := ReadDirectory(path, true)
				for _, item := range below {
					findings = append(findings, rebase(item, e.Name())...)
				}
				items, findings = append(items, below...), append(findings, more...)
			}
		case !isYAML(e.Name()):
		case !e.Type().IsRegular():
			findings = append(findings, unreadable(path, fmt.Errorf("is no regular file"))...)
		default:
			in, more := readFile(path, e.Name())
			items, findings = append(items, in...), append(findings, more...)
		}
	}
	return items, findings
}

func isYAML(name string) bool {
	return !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"))
}

func readFile(path, name string) (krm.KubeObjects, finding.List) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.Size() > maxFile {
		return nil, unreadable(path, fmt.Errorf("%d bytes, at most %d are read", info.Size(), maxFile))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	items, err := parseObjects(raw)
	if err != nil {
		return nil, unreadable(path, err)
	}
	for i, item := range items {
		if err := place(item, name, i); err != nil {
			return nil, unreadable(path, err)
		}
	}
	return items, nil
}

// parseObjects reads a YAML stream. The SDK panics on documents that are no
// mapping.
func parseObjects(raw []byte) (items krm.KubeObjects, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no Kubernetes object: %v", p)
		}
	}()
	list, err := krm.ParseKubeObjects(raw)
	return list, err
}

func place(item *krm.KubeObject, path string, index int) error {
	if err := item.SetAnnotation(pathAnnotation, path); err != nil {
		return err
	}
	return item.SetAnnotation(indexAnnotation, strconv.Itoa(index))
}

func rebase(item *krm.KubeObject, dir string) finding.List {
	path := filepath.ToSlash(filepath.Join(dir, item.GetAnnotation(pathAnnotation)))
	if err := item.SetAnnotation(pathAnnotation, path); err != nil {
		return unreadable(path, err)
	}
	return nil
}

func unreadable(path string, err error) finding.List {
	return finding.List{{
		Rule: "unreadable", Severity: finding.Error, Resource: finding.Resource{File: path},
		Message: err.Error(), Fix: "give the directory files with Kubernetes objects only, each with apiVersion and kind",
	}}
}
