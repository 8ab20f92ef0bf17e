package world

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Rendered is what modelfn made, by deployment: the objects that peers are to
// make, too.
type Rendered map[string]string

// ReadRendered reads what modelfn printed into a file.
func ReadRendered(path string) (Rendered, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := Rendered{}
	for _, document := range documents(content) {
		name, ok := between(document, "\n    modelfn.dev/deployment: ", "\n")
		if !ok {
			return nil, fmt.Errorf("%s: an object without a deployment:\n%s", path, document)
		}
		r[name] += "---\n" + document
	}
	return r, nil
}

// Kustomization writes the objects as plain files, one for each model, and a
// kustomization that lists them.
func (r Rendered) Kustomization(dir string) error {
	files, list := map[string]string{}, "resources:\n"
	for _, name := range r.names() {
		files[filepath.Join(dir, name+".yaml")] = r[name]
		list += "- " + name + ".yaml\n"
	}
	files[filepath.Join(dir, "kustomization.yaml")] = list
	return write(files)
}

func (r Rendered) names() []string {
	var names []string
	for name := range r {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// SameObjects says whether two files of YAML documents hold the same objects, in
// whatever order and style. Without that a comparison of what made them is void.
func SameObjects(a, b string) error {
	left, err := objects(a)
	if err != nil {
		return err
	}
	right, err := objects(b)
	if err != nil {
		return err
	}
	if len(left) != len(right) {
		return fmt.Errorf("%s has %d objects, %s has %d", a, len(left), b, len(right))
	}
	for i := range left {
		if left[i] != right[i] {
			return fmt.Errorf("%s has\n%s\nwhere %s has\n%s", a, left[i], b, right[i])
		}
	}
	return nil
}

// objects are those of a file as JSON, sorted.
func objects(path string) ([]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, document := range documents(content) {
		object, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if string(object) != "null" {
			list = append(list, string(object))
		}
	}
	slices.Sort(list)
	return list, nil
}

// documents are those of a YAML stream.
func documents(content []byte) []string {
	var list []string
	for document := range bytes.SplitSeq(append([]byte("\n"), content...), []byte("\n---\n")) {
		if text := strings.TrimLeft(string(document), "\n"); text != "" {
			list = append(list, strings.TrimRight(text, "\n")+"\n")
		}
	}
	return list
}

// between is the text after one mark and before another.
func between(text, after, before string) (string, bool) {
	_, rest, ok := strings.Cut(text, after)
	if !ok {
		return "", false
	}
	found, _, ok := strings.Cut(rest, before)
	return found, ok
}
