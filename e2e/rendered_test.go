package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// rendered is what modelfn makes of each golden case, the matrix's cells among
// them, and of each example.
func rendered(t *testing.T) map[string][]*cluster.Object {
	t.Helper()
	all := map[string][]*cluster.Object{}
	golden, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range golden {
		all[filepath.Base(filepath.Dir(file))] = parse(t, read(t, file))
	}
	for _, cell := range cells(t) {
		all["matrix/"+cell] = cellObjects(t, cell)
	}
	examples, err := filepath.Glob("../examples/*/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range examples {
		dir := filepath.Dir(file)
		if filepath.Base(dir) == "argocd" {
			continue // Argo CD's installation: no models
		}
		build := host.Run(t, host.Command{Path: modelfn, Args: []string{"build", dir}})
		all["example "+filepath.Base(dir)] = parse(t, stdout(t, build))
	}
	if len(golden) == 0 || len(examples) == 0 {
		t.Fatalf("%d golden cases, %d examples: are they elsewhere?", len(golden), len(examples))
	}
	return all
}

func parse(t *testing.T, stream string) []*cluster.Object {
	t.Helper()
	objects, err := cluster.Parse(strings.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// one reads a file of testdata that holds one object.
func one(t *testing.T, file string) *cluster.Object {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	objects := parse(t, string(content))
	if len(objects) != 1 {
		t.Fatalf("%s: %d objects, want one", file, len(objects))
	}
	return objects[0]
}
