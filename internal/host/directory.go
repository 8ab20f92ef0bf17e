package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
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

// contents is what a directory of plain files holds.
type contents struct {
	// own are modelfn's objects as far as they could be read without the SDK; items
	// is everything else. Each knows its file, from the directory.
	own   fn.Package
	items krm.KubeObjects
}

// readDirectory reads the YAML files of a directory, but for one name that is left
// out; recursive descends, as in kubectl. A symbolic link is refused: it could lead
// out of the directory.
func readDirectory(dir string, recursive bool, without string, together *texts) (contents, finding.List) {
	r := reader{recursive: recursive, together: together}
	r.directory(dir, "", without)
	return r.contents, r.findings
}

// reader reads directories of plain files.
type reader struct {
	contents
	recursive bool
	// together counts what is read.
	together *texts
	findings finding.List
}

// directory reads the files of dir, which is at below in the outermost directory.
func (r *reader) directory(dir, below, without string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.findings = append(r.findings, unreadable(dir, err)...)
		return
	}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			switch {
			case !r.recursive, strings.HasPrefix(e.Name(), "."):
			case IsKustomization(file):
				r.findings = append(r.findings, nestedKustomization(file))
			default:
				r.directory(file, path.Join(below, e.Name()), "")
			}
		case r.recursive && isLinkToDirectory(file, e):
			r.findings = append(r.findings, unreadable(file, errors.New("is a symbolic link to a directory"))...)
		case !isYAML(e.Name()):
			r.findings = append(r.findings, passedOver(file, e)...)
		case e.Name() == without:
		case !e.Type().IsRegular():
			r.findings = append(r.findings, unreadable(file, errors.New("is no regular file"))...)
		default:
			r.findings = append(r.findings, r.file(file, path.Join(below, e.Name()), r.together)...)
		}
	}
}

// file reads one file, all of it without the SDK, or all of it with it.
func (c *contents) file(file, name string, together *texts) finding.List {
	raw, err := readText(file, together)
	if err != nil {
		return unreadable(file, err)
	}
	own, all, i := c.own, true, 0
	for _, document := range documents(raw) {
		if !blank(document) {
			if all = own.Take(document, name, i); !all {
				break
			}
			i++
		}
	}
	if all {
		c.own = own
		return nil
	}
	items, findings := itemsOf(raw, file, name)
	c.items = append(c.items, items...)
	return findings
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

// itemsOf reads a file's text by way of the SDK.
func itemsOf(raw []byte, file, name string) (krm.KubeObjects, finding.List) {
	items, err := parseObjects(raw)
	if err != nil {
		return nil, unreadable(file, err)
	}
	if err := placeAll(items, name); err != nil {
		return nil, unreadable(file, err)
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

func unreadable(path string, err error) finding.List {
	return finding.List{{
		Rule: "unreadable", Severity: finding.Error, Resource: finding.Resource{File: path},
		Message: err.Error(), Fix: toRead(err),
	}}
}

func toRead(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "let whoever runs modelfn read it"
	}
	return "give the directory files with Kubernetes objects only, each with apiVersion and kind"
}
