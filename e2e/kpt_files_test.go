package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreignYAML is nobody's that modelfn knows, written as people do.
var foreignYAML = map[string]string{
	"foreign.yaml": `# the file's head

# the object's
apiVersion: example.com/v1 # of nobody
# before the kind
kind: Unknown
metadata:
  # in the metadata
  name: 'zeta' # single
  labels: {b: "1", 'a': 2x, c: ~}
  annotations:
    zeta: "yes"
    alpha: |
      # no comment
        line

      last
spec:
  typed: !!str 1
  list:
    - a: 1 # one
      # between
      b: [1, 2, 3]
    - folded: >-
        one line of it

        and another
      plain: a long text that goes on and on and on and on and on and on and on and on and on and on and on and on and on
  hexadecimal: 0x1F
  octal: 0o17
  yes: no
  "on": 2001-12-14
  nothing: null
  none:
  empty: {}
  kept: |+
    text

  "quoted": "tab\t☺"
  anchor: &a {x: 1}
  alias: *a
  # the foot of the spec
# the foot of the object
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: second
data:
  compact:
  - x
# the file's foot
`,
	"wide.yaml":    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n    name: wide\nspec:\n    containers:\n      - args:\n          - x\n",
	"compact.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: compact\nspec:\n  containers:\n  - args:\n    - x\n",
	"windows.yaml": "apiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: windows # a comment\r\n",
	"below/local.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: local\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n" +
		"    internal.example.com/x: y\n",
}

// TestKptLeavesForeign: files that are none of modelfn's come out of kpt as they do
// when the function is cat.
func TestKptLeavesForeign(t *testing.T) {
	rendered := func(program string) map[string]string {
		k := newKpt(t, strings.ReplaceAll(kptMutator, "MODELFN", program))
		for path, text := range foreignYAML {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(k.dir, path)), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(k.dir, path), text)
		}
		k.render(t)
		files, _ := k.render(t)
		delete(files, "Kptfile")
		return files
	}
	want, got := rendered("cat"), rendered("MODELFN")
	if !strings.Contains(got["fraud.modelfn.yaml"], "kind: InferenceService") || !strings.Contains(want["foreign.yaml"], "# between") {
		t.Fatalf("files %v", got)
	}
	delete(got, "fraud.modelfn.yaml")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-cat +modelfn:\n%s", diff)
	}
}

// TestKptPrunes: of what modelfn made for a deployment that is there, what it makes
// no more goes, and nothing else does.
func TestKptPrunes(t *testing.T) {
	const file = "fraud.modelfn.yaml"
	k := newKpt(t, kptMutator)
	first, _ := k.render(t)

	// What was changed by hand is put right; what says the same keeps its comments.
	k.replace(t, file, "canaryTrafficPercent: 10", "canaryTrafficPercent: 10 # reviewed")
	reviewed := k.files(t)
	k.replace(t, file, "  maxReplicas: 4", "  maxReplicas: 400")
	k.replace(t, file, "kind: InferenceService\n", "kind: InferenceService\n# seen\n")
	restored, _ := k.render(t)
	if diff := cmp.Diff(withoutComments(reviewed[file]), withoutComments(restored[file])); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
	if !strings.Contains(restored[file], "# reviewed") || !strings.Contains(restored[file], "# seen") {
		t.Errorf("a comment is gone:\n%s", restored[file])
	}

	// Another engine: also what has no namespace.
	k.replace(t, "platform.yaml", "  serving:\n", "  policy: {engine: ValidatingAdmissionPolicy, onGap: Warn}\n  serving:\n")
	k.render(t)
	if got := ids(readObjects(t, k.dir)); !slices.Contains(got, "ValidatingAdmissionPolicy <nil>/modelfn.ml-serving.fraud") || len(got) != 4 {
		t.Errorf("with another engine there are %v", got)
	}
	k.add(t, ".", "platform.yaml")
	back, _ := k.render(t)
	if diff := cmp.Diff(ids(parseObjects(t, first[file])), ids(parseObjects(t, back[file]))); diff != "" {
		t.Errorf("with the first engine again (-before +after):\n%s", diff)
	}

	// In a directory below, and under another name: who was renamed leaves what was
	// made for the old name, of which only a warning speaks.
	k.add(t, "below", "fraud.yaml", lockFile)
	k.replace(t, "below/fraud.yaml", "  name: fraud\n", "  name: toy\n")
	write(t, filepath.Join(k.dir, "below", lockFile), strings.ReplaceAll(read(t, filepath.Join(k.dir, "below", lockFile)), "name: fraud-", "name: toy-"))
	files, _ := k.render(t)
	if len(parseObjects(t, files["below/toy.modelfn.yaml"])) != 3 {
		t.Fatalf("no objects beside toy: %v", files)
	}
	k.replace(t, "below/fraud.yaml", "  name: toy\n", "  name: bear\n")
	files, said := k.render(t)
	if len(parseObjects(t, files["below/toy.modelfn.yaml"])) != 3 || len(parseObjects(t, files["below/bear.modelfn.yaml"])) != 3 {
		t.Errorf("after renaming: %v", files)
	}
	if n := strings.Count(said, "warning: orphaned-object: "); n != 3 || !strings.Contains(said, "it was generated for ModelDeployment toy, which is not here; fix: delete it") {
		t.Errorf("%d warnings:\n%s", n, said)
	}

	// Without any deployment nothing is generated, and nothing pruned.
	for _, path := range []string{"fraud.yaml", "below/fraud.yaml", "below/toy.modelfn.yaml"} {
		if err := os.Remove(filepath.Join(k.dir, path)); err != nil {
			t.Fatal(err)
		}
	}
	files, said = k.render(t)
	if n := strings.Count(said, "warning: orphaned-object: "); n != 6 || files["below/bear.modelfn.yaml"] == "" || files[file] != back[file] {
		t.Errorf("%d warnings:\n%s", n, said)
	}
}

func ids(all objects) (out []string) {
	for id := range all {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func withoutComments(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " # ")
		if !strings.HasPrefix(line, "#") {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}
