package host

import (
	"bytes"
	"path/filepath"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/object"
)

// deploymentsIn are the ModelDeployments in a directory's own files. A patch
// beside them is no object, and no reason to stop.
func deploymentsIn(dir string) krm.KubeObjects {
	var items krm.KubeObjects
	for name := range yamlFiles(dir) {
		in, findings := readFile(filepath.Join(dir, name), name, plainTexts())
		if !findings.Refused() {
			items = append(items, in.Where(isDeployment)...)
		}
	}
	return items
}

// setInline writes the entries into the one document of the file that holds the
// item; the others keep their bytes.
func setInline(path string, item *krm.KubeObject, entries []v1alpha1.LockedModel) (changed bool, err error) {
	raw, err := readOwn(path)
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
