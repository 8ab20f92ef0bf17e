package host

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

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
	return readDirectory(dir, recursive, "", plainTexts())
}

// readDirectory leaves out one file name of dir itself.
func readDirectory(dir string, recursive bool, without string, together *texts) (krm.KubeObjects, finding.List) {
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
			switch {
			case !recursive, strings.HasPrefix(e.Name(), "."):
			case IsKustomization(path):
				findings = append(findings, nestedKustomization(path))
			default:
				below, more := readDirectory(path, true, "", together)
				for _, item := range below {
					findings = append(findings, rebase(item, e.Name())...)
				}
				items, findings = append(items, below...), append(findings, more...)
			}
		case recursive && isLinkToDirectory(path, e):
			findings = append(findings, unreadable(path, fmt.Errorf("is a symbolic link to a directory"))...)
		case !isYAML(e.Name()):
			findings = append(findings, passedOver(path, e)...)
		case e.Name() == without:
		case !e.Type().IsRegular():
			findings = append(findings, unreadable(path, fmt.Errorf("is no regular file"))...)
		default:
			in, more := readFile(path, e.Name(), together)
			items, findings = append(items, in...), append(findings, more...)
		}
	}
	return items, findings
}

// nestedKustomization: read as plain files, it would lose its patches.
func nestedKustomization(path string) finding.Finding {
	return finding.Finding{
		Rule: "nested-kustomization", Severity: finding.Error, Resource: finding.Resource{Kind: "Kustomization", File: path},
		Message: "this directory is a kustomization, and -R reads plain files", Fix: "run modelfn in that directory by itself",
	}
}

// isLinkToDirectory: to pass over one in silence would lose the models in it.
func isLinkToDirectory(path string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isYAML(name string) bool {
	return !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"))
}

// passedOver refuses a file with a model that is not read for its name alone: other
// programs read such files, and a model that is left out is one that is pruned.
func passedOver(path string, e os.DirEntry) finding.List {
	ending := strings.ToLower(filepath.Ext(e.Name()))
	if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || !slices.Contains([]string{".json", ".yaml", ".yml"}, ending) {
		return nil
	}
	raw, err := lock.ReadBounded(path)
	if err != nil || !bytes.Contains(raw, []byte(v1alpha1.APIVersion)) || !bytes.Contains(raw, []byte(v1alpha1.KindModelDeployment)) {
		return nil
	}
	return finding.List{{
		Rule: "unread-file", Severity: finding.Error, Resource: finding.Resource{File: path},
		Message: "it has a ModelDeployment, and only files that end in .yaml or .yml are read", Fix: "rename it",
	}}
}

func readFile(path, name string, together *texts) (krm.KubeObjects, finding.List) {
	raw, err := readText(path, together)
	if err != nil {
		return nil, unreadable(path, err)
	}
	items, err := parseObjects(raw)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if err := placeAll(items, name); err != nil {
		return nil, unreadable(path, err)
	}
	return items, nil
}

// placeAll marks each item with its file. The SDK panics where metadata is an
// alias.
func placeAll(items krm.KubeObjects, path string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("metadata is written in a way that cannot be read (an alias?): %v", p)
		}
	}()
	for i, item := range items {
		if err := place(item, path, i); err != nil {
			return err
		}
	}
	return nil
}

// parseObjects reads a YAML stream. The SDK panics on documents that are no
// mapping, and refuses those that hold nothing but a comment.
func parseObjects(raw []byte) (items krm.KubeObjects, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no Kubernetes object: %v", p)
		}
	}()
	list, err := krm.ParseKubeObjects(bytes.Join(slices.DeleteFunc(documents(raw), blank), nil))
	return list, err
}

// documents cuts a YAML stream before each line that begins a document, and
// nowhere else: the parts together are the stream. A line of "---" in the first
// column is no content wherever it stands.
func documents(raw []byte) [][]byte {
	var out [][]byte
	start, at := 0, 0
	for line := range bytes.Lines(raw) {
		if isMarker(line) && at > start {
			out = append(out, raw[start:at:at])
			start = at
		}
		at += len(line)
	}
	return append(out, raw[start:])
}

func isMarker(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0])))
}

// blank tells whether a document holds nothing.
func blank(document []byte) bool {
	for line := range bytes.Lines(document) {
		if isMarker(line) {
			line = line[len("---"):]
		}
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && string(line) != "..." {
			return false
		}
	}
	return true
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
