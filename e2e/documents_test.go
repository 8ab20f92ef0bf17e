package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// resourceList is a directory's objects as a host would hand them over.
func resourceList(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]any{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}
	var all []any
	for _, file := range files {
		for _, document := range documents(read(t, file)) {
			var item any
			if err := yaml.Unmarshal([]byte(document), &item); err != nil {
				t.Fatal(err)
			}
			if item != nil {
				all = append(all, item)
			}
		}
	}
	list["items"] = all
	raw, err := yaml.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// items are a ResourceList's items as documents.
func items(t *testing.T, list string) []string {
	t.Helper()
	var parsed struct {
		Items []any `json:"items"`
	}
	if err := yaml.Unmarshal([]byte(list), &parsed); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, item := range parsed.Items {
		raw, err := yaml.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
	}
	return out
}

// tree is every file of a directory by its name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			files[e.Name()] = read(t, filepath.Join(dir, e.Name()))
		}
	}
	return files
}
