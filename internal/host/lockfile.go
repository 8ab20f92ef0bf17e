package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/object"
)

// LockFile is the lock's name in a directory.
const LockFile = lock.FileName

// ReadLock reads a directory's own lock file; none is no error.
func ReadLock(dir string) ([]*v1alpha1.ModelLock, finding.List) {
	path := filepath.Join(dir, LockFile)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, unreadable(path, err)
	case !info.Mode().IsRegular():
		return nil, unreadable(path, errors.New("is no regular file"))
	}
	items, findings := readFile(path, LockFile)
	var p fn.Package
	if !findings.Refused() {
		p, findings = fn.Read(nil, items)
	}
	for i := range findings {
		findings[i].Fix = "restore the file from Git, or run `modelfn lock --update` and review the change"
	}
	return p.Locks, findings
}

// WriteLock writes a directory's lock file, lists it in the kustomization, if
// there is one, and marks it as generated for code review. It yields the path
// when the lock changed.
func WriteLock(dir string, locks []*v1alpha1.ModelLock) (written []string, findings finding.List) {
	path := filepath.Join(dir, LockFile)
	if _, err := os.Lstat(path); len(locks) == 0 && errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	changed, err := lock.Write(path, lock.Marshal(locks))
	if err != nil {
		return nil, unwritable(path, err)
	}
	if changed {
		written = append(written, path)
	}
	if err := listInKustomization(dir); err != nil {
		return written, unwritable(dir, err)
	}
	if err := markGenerated(dir); err != nil {
		return written, unwritable(dir, err)
	}
	return written, nil
}

func unwritable(path string, err error) finding.List {
	return finding.List{{
		Rule: "unwritable", Severity: finding.Error, Resource: finding.Resource{File: path},
		Message: err.Error(), Fix: "make the file writable",
	}}
}

// listInKustomization adds the lock to resources, comments and order kept.
func listInKustomization(dir string) error {
	name := kustomizationFile(dir)
	if name == "" {
		return nil
	}
	path := filepath.Join(dir, name)
	raw, err := lock.Read(path)
	if err != nil {
		return err
	}
	k, err := kyaml.Parse(string(raw))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	listed, err := k.Pipe(kyaml.LookupCreate(kyaml.SequenceNode, "resources"))
	if err != nil {
		return fmt.Errorf("%s: resources: %w", path, err)
	}
	for _, n := range listed.YNode().Content {
		if filepath.Clean(n.Value) == LockFile {
			return nil
		}
	}
	if _, err := listed.Pipe(kyaml.Append(kyaml.NewScalarRNode(LockFile).YNode())); err != nil {
		return fmt.Errorf("%s: resources: %w", path, err)
	}
	text, err := k.String()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	_, err = lock.Write(path, []byte(text))
	return err
}

const generatedMark = LockFile + " linguist-generated=true"

func markGenerated(dir string) error {
	path := filepath.Join(dir, ".gitattributes")
	raw, err := lock.Read(path)
	if err != nil {
		return err
	}
	text := string(raw)
	if slices.Contains(strings.Split(text, "\n"), generatedMark) {
		return nil
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err = lock.Write(path, []byte(text+generatedMark+"\n"))
	return err
}

// WriteInline writes each deployment's entries into its own file, as spec.lock.
// It yields the paths of the files that changed.
func WriteInline(dir string, p fn.Package, locked fn.Locked) (written []string, findings finding.List) {
	items, findings := deploymentsIn(dir)
	for i, d := range p.Deployments {
		if len(locked.Entries[i]) == 0 {
			continue
		}
		at := slices.IndexFunc(items, func(o *krm.KubeObject) bool {
			return o.GetName() == d.Metadata.Name && o.GetNamespace() == d.Metadata.Namespace
		})
		if at < 0 {
			findings = append(findings, finding.Finding{
				Rule: "not-in-directory", Severity: finding.Error, Resource: d.At,
				Message: fmt.Sprintf("no file in %s holds this ModelDeployment under this name", dir),
				Fix:     "run `modelfn lock --inline` in the directory of the file itself",
			})
			continue
		}
		path := filepath.Join(dir, items[at].GetAnnotation(pathAnnotation))
		changed, err := setInline(path, items[at], locked.Entries[i])
		if err != nil {
			findings = append(findings, unwritable(path, err)...)
		}
		if changed {
			written = append(written, path)
		}
	}
	return written, findings
}

// deploymentsIn are the ModelDeployments in a directory's own files. A patch
// beside them is no object, and no reason to stop.
func deploymentsIn(dir string) (krm.KubeObjects, finding.List) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	var items krm.KubeObjects
	for _, e := range entries {
		if !e.Type().IsRegular() || !isYAML(e.Name()) {
			continue
		}
		in, findings := readFile(filepath.Join(dir, e.Name()), e.Name())
		if !findings.Refused() {
			items = append(items, in.Where(isDeployment)...)
		}
	}
	return items, nil
}

// setInline writes the entries into the one document of the file that holds the
// item; the others keep their bytes.
func setInline(path string, item *krm.KubeObject, entries []v1alpha1.LockedModel) (changed bool, err error) {
	raw, err := lock.Read(path)
	if err != nil {
		return false, err
	}
	parts := documents(raw)
	for i, part := range parts {
		list, err := parseObjects(part)
		if err != nil {
			return false, err
		}
		if len(list) != 1 || !isDeployment(list[0]) || list[0].GetName() != item.GetName() || list[0].GetNamespace() != item.GetNamespace() {
			continue
		}
		text, err := withLock(list[0], entries)
		if err != nil {
			return false, err
		}
		if i > 0 {
			text = "---\n" + text
		}
		parts[i] = []byte(text)
	}
	return lock.Write(path, bytes.Join(parts, nil))
}

// withLock is a deployment's text with spec.lock.
func withLock(item *krm.KubeObject, entries []v1alpha1.LockedModel) (string, error) {
	value, err := kyaml.Parse(string(object.AppendYAML(nil, lock.Spec(v1alpha1.ModelLockSpec{Models: entries}))))
	if err != nil {
		return "", err
	}
	node, err := kyaml.Parse(item.String())
	if err != nil {
		return "", err
	}
	if err := node.PipeE(kyaml.LookupCreate(kyaml.MappingNode, "spec"), kyaml.SetField("lock", value)); err != nil {
		return "", err
	}
	return node.String()
}
