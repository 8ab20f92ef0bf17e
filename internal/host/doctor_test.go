package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/fn"
)

// TestDoctorIsBounded: a kustomization may be read along many ways, twice as many
// with each level. Each is looked at once.
func TestDoctorIsBounded(t *testing.T) {
	root := t.TempDir()
	const levels = 60
	for level := range levels {
		for _, side := range []string{"a", "b"} {
			entries := fmt.Sprintf("[../a%d, ../b%d]", level+1, level+1)
			if level == levels-1 {
				entries = "[fraud.yaml]"
			}
			dir := filepath.Join(root, fmt.Sprint(side, level))
			kustomization := "resources: " + entries + "\n"
			if level%2 == 1 {
				kustomization = "kind: Component\n" + kustomization
			} else if level < levels-1 {
				kustomization = "components: " + entries + "\n"
			}
			files(t, dir, map[string]string{"fraud.yaml": aModel, "kustomization.yaml": kustomization})
		}
	}
	d := Doctor(root, "", fn.Sources{})
	if len(d.Looked) != 2 {
		t.Errorf("looked at %q, want a0 and b0", d.Looked)
	}
	for _, line := range d.Looked {
		if !strings.Contains(line, "2 ModelDeployments") {
			t.Errorf("%q: both sides end in a model", line)
		}
	}
}

// TestSelected: kustomize matches whole texts by expressions.
func TestSelected(t *testing.T) {
	for expression, c := range map[string]struct {
		text string
		want bool
	}{
		"":                     {"fraud", true},
		"fraud":                {"fraud", true},
		"frau":                 {"fraud", false},
		"fraud|toy":            {"toy", true},
		"a|fraud":              {"fraudulent", false},
		"modelfn-.*":           {"modelfn-fraud", true},
		"modelfn.ml.fraud":     {"modelfn.ml.fraud", true},
		"(":                    {"(", false},
		"^fraud$":              {"fraud", true},
		"fraud-[0-9a-f]{8}":    {"fraud-0123abcd", true},
		"Inference.*":          {"InferenceService", true},
		"LLMInferenceService":  {"InferenceService", false},
		"(LLM)?InferenceS.*ce": {"LLMInferenceService", true},
	} {
		if got := matches(expression, c.text); got != c.want {
			t.Errorf("%q of %q: %t", expression, c.text, got)
		}
	}
}

func files(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
