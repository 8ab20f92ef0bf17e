package fn_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

const matrix = golden + "/matrix"

// matrixCell is one combination of mode, artifact and canary.
type matrixCell struct {
	mode     string
	artifact matrixArtifact
	canary   matrixCanary
}

func matrixCells() []matrixCell {
	var out []matrixCell
	for _, mode := range matrixModes {
		for _, a := range matrixArtifacts {
			for _, c := range matrixCanaries {
				out = append(out, matrixCell{mode, a, c})
			}
		}
	}
	return out
}

// path of the cell's golden file without its end: .yaml holds what is rendered,
// .txt why nothing is.
func (c matrixCell) path() string {
	return strings.ToLower(c.mode) + "/" + c.artifact.name + "/" + c.canary.name
}

// refused are the rules that refuse the cell, sorted.
func (c matrixCell) refused() []string {
	if c.artifact.refused != nil {
		return c.artifact.refused(c)
	}
	return byMode(c)
}

// deployment is the cell as a model team writes it.
func (c matrixCell) deployment() string {
	out := "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud, namespace: ml-serving}\nspec:\n  model: " + c.artifact.stable + "\n"
	if c.artifact.more != "" {
		out += indented(2, c.artifact.more)
	}
	if c.canary.role != "" {
		_, fields := c.canary.version(c.artifact)
		out += "  " + c.canary.role + ":\n" + indented(4, strings.TrimSuffix(fields+"\n"+c.canary.traffic, "\n"))
	}
	return out
}

// render locks the cell with what the world holds, and renders it. Warnings are
// comments before the objects.
func (c matrixCell) render(t *testing.T) (objects, findings string) {
	t.Helper()
	items := itemsOf(t, "input.yaml", c.deployment())
	items = append(items, itemsOf(t, "platform.yaml", platform(unsigned, "serving: {mode: "+c.mode+"}", "policy: {engine: None}"))...)
	d := decode(t, c.deployment())
	if entries := entriesOf(lock.URIs(d)); len(entries) > 0 {
		items = append(items, itemsOf(t, "lock.yaml", string(lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, entries)})))...)
	}
	objects, findings = render(t, items)
	if objects == "" {
		return "", findings
	}
	for line := range strings.Lines(findings) {
		if !strings.HasPrefix(line, string(finding.Warning)+": ") {
			t.Errorf("objects, and yet %s", line)
		}
		objects = "# " + line + objects
	}
	return objects, ""
}

// TestGoldenMatrix renders each combination of mode, kind of artifact and kind of
// canary, as testdata/matrix and docs/serving.md have it. What must be true of each
// is said in code beside, so that an update hides nothing.
func TestGoldenMatrix(t *testing.T) {
	versions := map[string]tree{}
	for _, c := range matrixCells() {
		t.Run(c.path(), func(t *testing.T) {
			objects, findings := c.render(t)
			compare(t, filepath.Join(matrix, c.path()+".yaml"), objects)
			compare(t, filepath.Join(matrix, c.path()+".txt"), findings)
			if diff := cmp.Diff(c.refused(), refusals(findings)); diff != "" {
				t.Errorf("refused by: -want, +got:\n%s", diff)
			}
			if objects != "" {
				c.holds(t, documents(t, objects))
				c.keeps(t, documents(t, objects), versions)
			}
		})
	}
	noOthers(t)
	documented(t)
}

// keeps: in Standard mode a version is the same object whatever requests it gets,
// so that no step of a rollout starts its pods anew.
func (c matrixCell) keeps(t *testing.T, objects []tree, versions map[string]tree) {
	t.Helper()
	for _, o := range ofKind(objects, "InferenceService") {
		if c.mode != v1alpha1.ModeStandard {
			return
		}
		name := c.artifact.name + " " + o.name()
		if versions[name] == nil {
			versions[name] = o
		}
		if diff := cmp.Diff(versions[name], o); diff != "" {
			t.Errorf("%s: -in an earlier cell, +here:\n%s", o.name(), diff)
		}
	}
}

// refusals are the rules of the errors among findings, sorted.
func refusals(findings string) []string {
	rules := []string{}
	for line := range strings.Lines(findings) {
		if rest, ok := strings.CutPrefix(line, string(finding.Error)+": "); ok {
			rule, _, _ := strings.Cut(rest, ": ")
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// noOthers: no golden file is left of a cell that is no more.
func noOthers(t *testing.T) {
	t.Helper()
	known := map[string]bool{}
	for _, c := range matrixCells() {
		known[c.path()+".yaml"], known[c.path()+".txt"] = true, true
	}
	var left []string
	err := filepath.WalkDir(matrix, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(matrix, path)
		if !known[filepath.ToSlash(name)] {
			left = append(left, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(slices.Values(left)) {
		if !*update {
			t.Errorf("%s belongs to no cell", path)
		} else if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}
