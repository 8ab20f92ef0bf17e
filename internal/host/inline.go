package host

import (
	"bytes"
	"path/filepath"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/object"
)

// deploymentsIn are the files of the ModelDeployments in a directory, by namespace and
// name. A patch beside them is no object, and no reason to stop.
func deploymentsIn(dir string) map[[2]string]string {
	files := map[[2]string]string{}
	add := func(namespace, name, file string) {
		if key := [2]string{namespace, name}; files[key] == "" {
			files[key] = file
		}
	}
	for name := range yamlFiles(dir) {
		var c contents
		if c.file(filepath.Join(dir, name), name, plainTexts()).Refused() {
			continue
		}
		for _, d := range c.own.Deployments {
			add(d.Metadata.Namespace, d.Metadata.Name, name)
		}
		for _, item := range c.items.Where(isDeployment) {
			add(item.GetNamespace(), item.GetName(), name)
		}
	}
	return files
}

// setInline writes the entries into the one document of the file that holds the
// deployment; the others keep their bytes.
func setInline(path string, d fn.Deployment, entries []v1alpha1.LockedModel) (changed bool, err error) {
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
		if len(list) != 1 || !isDeployment(list[0]) || list[0].GetName() != d.Metadata.Name || list[0].GetNamespace() != d.Metadata.Namespace {
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
