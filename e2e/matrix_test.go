package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const matrix = "../testdata/matrix"

// cells are the golden files of the matrix that are rendered, as
// mode/artifact/canary.
func cells(t *testing.T) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(matrix), ".", func(path string, d fs.DirEntry, err error) error {
		if name, rendered := strings.CutSuffix(path, ".yaml"); rendered && err == nil && !d.IsDir() {
			out = append(out, name)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d cells in %s, %v", len(out), matrix, err)
	}
	return slices.Sorted(slices.Values(out))
}

func cellObjects(t *testing.T, cell string) []*cluster.Object {
	t.Helper()
	return parse(t, read(t, filepath.Join(matrix, cell+".yaml")))
}

// TestStandardMatrix: KServe's manager runs each version of each cell in Standard
// mode with the model that is rendered, and makes the Services that the cell's
// route and address lead to. Cells of one artifact have versions in common: the
// manager makes those once.
func TestStandardMatrix(t *testing.T) {
	c := kserve.Get(t)
	prepare(t, c)
	byArtifact := map[string][]string{}
	for _, cell := range cells(t) {
		if mode, rest, _ := strings.Cut(cell, "/"); mode == "standard" {
			artifact, _, _ := strings.Cut(rest, "/")
			byArtifact[artifact] = append(byArtifact[artifact], cell)
		}
	}
	if len(byArtifact) == 0 {
		t.Fatal("no cell in Standard mode")
	}
	for artifact, cells := range byArtifact {
		t.Run(artifact, func(t *testing.T) {
			t.Parallel() // each waits for the manager
			known := map[string]*cluster.Object{}
			for _, cell := range cells {
				runsCell(t, c, "matrix-"+artifact, cell, known)
			}
		})
	}
}

// runsCell applies the cell's versions, unless an earlier cell had them, and looks
// where requests go.
func runsCell(t *testing.T, c *cluster.Cluster, namespace, cell string, known map[string]*cluster.Object) {
	t.Helper()
	objects := cellObjects(t, cell)
	if len(ofKind(objects, "LLMInferenceService")) > 0 {
		return // it has a manager of its own
	}
	versions := ofKind(objects, "InferenceService")
	for name, service := range versions {
		if known[name] == nil {
			known[name] = service.DeepCopy()
			enter(t, c, namespace, []*cluster.Object{service})
			loads(t, c, service)
		} else if diff := cmp.Diff(known[name].Object, service.Object); diff != "" {
			t.Errorf("%s: %s is not what it is in other cells:\n%s", cell, name, diff)
		}
	}
	route, address := ofKind(objects, "HTTPRoute")["fraud"], ofKind(objects, "Service")["fraud"]
	if len(versions) == 0 || route == nil || address == nil {
		t.Fatalf("%s: %d InferenceServices, route %v, Service %v", cell, len(versions), route, address)
	}
	route.SetNamespace(namespace)
	address.SetNamespace(namespace)
	routed(t, c, route)
	app := fieldOf[string](t, address.Object, "spec", "selector", "app")
	addressed(t, c, address, strings.TrimSuffix(strings.TrimPrefix(app, "isvc."), "-predictor"), "predictor")
}
