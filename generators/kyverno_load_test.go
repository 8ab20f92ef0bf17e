package generators

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kyvernos are the policies that are rendered beside models, by golden case, and those
// of a baseline at scope Platform.
func kyvernos(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	keep := func(from string, objects []map[string]any) {
		for _, o := range objects {
			if strings.HasSuffix(o["kind"].(string), "ImageValidatingPolicy") {
				out[from+": "+field(o, "metadata", "name").(string)] = o["spec"].(map[string]any)
			}
		}
	}
	for _, file := range files {
		keep(filepath.Base(filepath.Dir(file)), objectsOf(t, contents(t, file)))
	}
	rules, findings := signatures{}.Baseline(platformOf(t, contents(t, "../testdata/scope-platform/platform.yaml")))
	if len(rules) == 0 || findings.Refused() {
		t.Fatalf("%d policies, %v", len(rules), findings)
	}
	for _, rule := range rules {
		raw, err := rule.JSON()
		if err != nil {
			t.Fatal(err)
		}
		keep("baseline", objectsOf(t, string(raw)))
	}
	return out
}

func field(o map[string]any, path ...string) any {
	for _, key := range path[:len(path)-1] {
		o, _ = o[key].(map[string]any)
	}
	return o[path[len(path)-1]]
}

// TestKyvernosConditions: Kyverno is called for what a policy is about and for nothing
// else. Two policies of equal matchConstraints without any matchConditions would also
// hang Kyverno 1.19.0 (kyverno#17275).
func TestKyvernosConditions(t *testing.T) {
	all := kyvernos(t)
	for name, spec := range all {
		if conditions, _ := spec["matchConditions"].([]any); len(conditions) == 0 {
			t.Errorf("%s has no matchConditions", name)
		}
	}
	if len(all) < 50 {
		t.Errorf("found %d policies only", len(all))
	}
}

// TestKyvernoJudgesNoPods: a registry's outage, or a signature in another format, must
// not keep a model from being scaled. Pods are judged by their shape (modelfn-pods).
func TestKyvernoJudgesNoPods(t *testing.T) {
	for name, spec := range kyvernos(t) {
		rules, _ := field(spec, "matchConstraints", "resourceRules").([]any)
		if len(rules) == 0 {
			t.Errorf("%s is about nothing", name)
		}
		for _, r := range rules {
			for _, resource := range r.(map[string]any)["resources"].([]any) {
				if !slices.Contains([]any{"inferenceservices", "llminferenceservices"}, resource) {
					t.Errorf("%s asks about %s", name, resource)
				}
			}
		}
	}
}

// TestKyvernoLooksAgain: the platform's own policies are judged of what is there, too,
// so that a revocation shows in reports; those beside a model hold what it was rendered as.
func TestKyvernoLooksAgain(t *testing.T) {
	for name, spec := range kyvernos(t) {
		again := field(spec, "evaluation", "background", "enabled")
		if want := strings.HasPrefix(name, "baseline: "); again != want {
			t.Errorf("%s: in the background: %v, want %t", name, again, want)
		}
	}
}
