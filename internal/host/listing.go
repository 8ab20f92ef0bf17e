package host

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/lock"
)

// listInKustomization adds the lock to resources. Where it can, it adds one line
// and leaves every other byte alone.
func listInKustomization(dir string) (path string, changed bool, err error) {
	path, k, err := kustomizationNode(dir)
	if k == nil || err != nil || lists(k) {
		return path, false, err
	}
	raw, err := lock.Read(path)
	if err != nil {
		return path, false, err
	}
	text, ok := withLine(string(raw), k)
	if !ok {
		err = k.PipeE(kyaml.LookupCreate(kyaml.SequenceNode, "resources"), kyaml.Append(kyaml.NewScalarRNode(LockFile).YNode()))
		if err != nil {
			return path, false, fmt.Errorf("%s: resources: %w", path, err)
		}
		if text, err = k.String(); err != nil {
			return path, false, fmt.Errorf("%s: %w", path, err)
		}
	}
	changed, err = lock.Write(path, []byte(text))
	return path, changed, err
}

// withLine inserts the lock below the last of the resources, which are listed a
// line each; it does not know other spellings. What it made must read as it was
// meant.
func withLine(text string, k *kyaml.RNode) (string, bool) {
	resources, err := k.Pipe(kyaml.Lookup("resources"))
	if err != nil || resources == nil || resources.YNode().Style&kyaml.FlowStyle != 0 {
		return "", false
	}
	listed := resources.YNode().Content
	if len(listed) == 0 {
		return "", false
	}
	lines := strings.SplitAfter(text, "\n")
	last := listed[len(listed)-1].Line - 1
	if last < 0 || last >= len(lines) {
		return "", false
	}
	indent, _, found := strings.Cut(lines[last], "-")
	if !found || strings.TrimSpace(indent) != "" {
		return "", false
	}
	if !strings.HasSuffix(lines[last], "\n") {
		lines[last] += "\n"
	}
	out := strings.Join(slices.Insert(lines, last+1, indent+"- "+LockFile+"\n"), "")
	again, err := kyaml.Parse(out)
	if err != nil || !lists(again) {
		return "", false
	}
	after, err := again.Pipe(kyaml.Lookup("resources"))
	return out, err == nil && len(after.YNode().Content) == len(listed)+1
}

// listed tells whether a build of the directory reads its lock: only a
// kustomization has to list it.
func listed(dir string) bool {
	_, k, err := kustomizationNode(dir)
	return err == nil && (k == nil || lists(k))
}

// kustomizationNode is a directory's kustomization as it is written; nil when
// there is none.
func kustomizationNode(dir string) (string, *kyaml.RNode, error) {
	name := kustomizationFile(dir)
	if name == "" {
		return "", nil, nil
	}
	path := filepath.Join(dir, name)
	raw, err := readOwn(path)
	if err != nil {
		return path, nil, err
	}
	k, err := kyaml.Parse(string(raw))
	if err != nil {
		return path, nil, fmt.Errorf("%s: %w", path, err)
	}
	return path, k, nil
}

func lists(k *kyaml.RNode) bool {
	resources, err := k.Pipe(kyaml.Lookup("resources"))
	if err != nil || resources == nil {
		return false
	}
	for _, n := range resources.YNode().Content {
		if filepath.Clean(n.Value) == LockFile {
			return true
		}
	}
	return false
}
