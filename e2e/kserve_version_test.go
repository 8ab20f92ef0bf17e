package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// renderedFor are the golden cases that are rendered for a version of KServe.
func renderedFor(t *testing.T, version string) map[string][]*cluster.Object {
	t.Helper()
	platforms, err := filepath.Glob("../testdata/*/platform.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]*cluster.Object{}
	for _, file := range platforms {
		var platform struct {
			Spec struct{ Serving struct{ KServe string } }
		}
		dir := filepath.Dir(file)
		// Some cases are about platforms that cannot be read.
		if yaml.Unmarshal([]byte(read(t, file)), &platform) != nil || platform.Spec.Serving.KServe != version {
			continue
		}
		expected, err := os.ReadFile(filepath.Join(dir, "expected.yaml"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // refused
		}
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(dir)] = parse(t, string(expected))
	}
	if len(all) == 0 {
		t.Fatalf("no golden case is rendered for KServe %s", version)
	}
	return all
}

// TestAPIServerTakesWhatIsRenderedFor017: the older version's kinds have each
// field that is rendered for it, and applying it once more changes nothing.
func TestAPIServerTakesWhatIsRenderedFor017(t *testing.T) {
	c := bare017.Get(t)
	for name, objects := range renderedFor(t, "0.17") {
		t.Run(name, func(t *testing.T) {
			for _, o := range objects {
				home(t, c, o)
				takes(t, c, o)
			}
		})
	}
}

// TestAPIServerOf017Refuses: the judge is the older one.
func TestAPIServerOf017Refuses(t *testing.T) {
	o := one(t, "standard/service.yaml")
	o.SetNamespace("default")
	o.Object["spec"].(map[string]any)["predictor"].(map[string]any)["storageContainerName"] = "kitops"
	const reason = ".spec.predictor.storageContainerName: field not declared in schema"
	if _, err := bare017.Get(t).DryRun(t.Context(), o); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("refused for another reason than %q: %v", reason, err)
	}
	if _, err := bare.Get(t).DryRun(t.Context(), o); err != nil {
		t.Errorf("KServe 0.20 has the field: %v", err)
	}
}

// added017 are the fields that the older defaulter adds.
var added017 = []string{
	".metadata.annotations.modelFormat: onnx",
	".metadata.annotations.modelFormat: sklearn",
	".metadata.annotations.modelFormat: vLLM",
	".spec.predictor.model.name: ",
	".spec.predictor.model.resources: map[]",
}

// TestWebhooksOf017TakeWhatIsRendered: the older webhooks let each InferenceService
// in that is rendered for it, and only add to it.
func TestWebhooksOf017TakeWhatIsRendered(t *testing.T) {
	c := kserve017.Get(t)
	var all []string
	for name, objects := range renderedFor(t, "0.17") {
		for _, o := range ofKind(objects, "InferenceService") {
			home(t, c, o)
			defaulted, err := c.DryRun(t.Context(), o)
			if err != nil {
				t.Errorf("%s: %s: %v", name, id(o), err)
				continue
			}
			more, other := drift("", o.Object, content(defaulted))
			if len(other) > 0 {
				t.Errorf("%s: %s: the defaulter changes what was rendered:\n%s", name, id(o), strings.Join(other, "\n"))
			}
			all = append(all, more...)
		}
	}
	slices.Sort(all)
	if diff := cmp.Diff(added017, slices.Compact(all)); diff != "" {
		t.Errorf("fields that the defaulter adds: -known, +found:\n%s", diff)
	}
}
