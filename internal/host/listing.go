package host

import (
	"fmt"
	"path/filepath"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/lock"
)

// listInKustomization adds the lock to resources, comments and order kept.
func listInKustomization(dir string) error {
	path, k, err := kustomizationNode(dir)
	if k == nil || err != nil || lists(k) {
		return err
	}
	err = k.PipeE(kyaml.LookupCreate(kyaml.SequenceNode, "resources"), kyaml.Append(kyaml.NewScalarRNode(LockFile).YNode()))
	if err != nil {
		return fmt.Errorf("%s: resources: %w", path, err)
	}
	text, err := k.String()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	_, err = lock.Write(path, []byte(text))
	return err
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
	raw, err := lock.Read(path)
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
