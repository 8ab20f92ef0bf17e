package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// object is any Kubernetes object.
type object map[string]any

// objects maps "kind namespace/name" to an object.
type objects map[string]object

// parseObjects reads a stream of YAML or JSON documents, without what stays in
// the repository: our own kinds, local configuration and kpt's file.
func parseObjects(t *testing.T, stream string) objects {
	t.Helper()
	all := objects{}
	for _, document := range documents(stream) {
		var o object
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			t.Fatalf("%v in:\n%s", err, document)
		}
		if o == nil || staysInRepository(o) {
			continue
		}
		metadata, _ := o["metadata"].(map[string]any)
		id := fmt.Sprintf("%v %v/%v", o["kind"], metadata["namespace"], metadata["name"])
		if all[id] != nil {
			t.Errorf("%s appears twice", id)
		}
		all[id] = o
	}
	return all
}

// readObjects reads every YAML file of a directory and those below.
func readObjects(t *testing.T, dir string) objects {
	t.Helper()
	var stream strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&stream, "---\n%s\n", content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parseObjects(t, stream.String())
}

func staysInRepository(o object) bool {
	group, _, _ := strings.Cut(fmt.Sprint(o["apiVersion"]), "/")
	switch group {
	case "modelfn.dev", "kpt.dev", "kustomize.config.k8s.io":
		return true
	}
	metadata, _ := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations["config.kubernetes.io/local-config"] == "true"
}

// documents splits a stream at its `---` lines.
func documents(stream string) []string {
	return separator.Split(stream, -1)
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*$`)
