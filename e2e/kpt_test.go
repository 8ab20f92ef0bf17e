package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// kpt is a package with the quickstart's model, whose lock is committed: no registry
// is asked.
type kpt struct {
	dir, modelfn string
}

// newKpt makes a package. pipeline is YAML in which MODELFN is the program.
func newKpt(t *testing.T, pipeline string) kpt {
	t.Helper()
	program, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	// doctor knows the program by its name.
	modelfn := filepath.Join(t.TempDir(), "modelfn")
	if err := os.Symlink(program, modelfn); err != nil {
		t.Fatal(err)
	}
	k := kpt{t.TempDir(), modelfn}
	k.add(t, ".", "fraud.yaml", lockFile, "platform.yaml")
	k.pipeline(t, ".", pipeline)
	return k
}

// add copies files of the quickstart into a directory of the package.
func (k kpt) add(t *testing.T, dir string, files ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(k.dir, dir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		write(t, filepath.Join(k.dir, dir, file), read(t, filepath.Join("..", "examples", "quickstart", file)))
	}
}

func (k kpt) pipeline(t *testing.T, dir, pipeline string) {
	t.Helper()
	write(t, filepath.Join(k.dir, dir, "Kptfile"), "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\n"+strings.ReplaceAll(pipeline, "MODELFN", k.modelfn))
}

// replace changes a text that stands once in a file of the package.
func (k kpt) replace(t *testing.T, file, before, after string) {
	t.Helper()
	path := filepath.Join(k.dir, file)
	text := read(t, path)
	if n := strings.Count(text, before); n != 1 {
		t.Fatalf("%q stands %d times in %s:\n%s", before, n, file, text)
	}
	write(t, path, strings.Replace(text, before, after, 1))
}

func (k kpt) run(t *testing.T, args ...string) host.Result {
	t.Helper()
	return host.Kpt(t, k.dir, append([]string{"fn"}, args...)...)
}

// render renders the package in place.
func (k kpt) render(t *testing.T) (files map[string]string, output string) {
	t.Helper()
	result := k.run(t, "render", ".", "--allow-exec")
	stdout(t, result)
	return k.files(t), result.Stderr
}

// files are all of the package, by path.
func (k kpt) files(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	if err := filepath.WalkDir(k.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(k.dir, path)
		files[filepath.ToSlash(rel)] = read(t, path)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// refused: kpt says why, with its own way of cutting output off, and changes nothing.
func (k kpt) refused(t *testing.T, reason string, args ...string) {
	t.Helper()
	before := k.files(t)
	result := k.run(t, args...)
	if result.ExitCode == 0 || !strings.Contains(result.Stderr, reason) || strings.Contains(result.Stdout, "kind: InferenceService") {
		t.Errorf("kpt fn %q: exit %d, want it refused for %q:\n%s", args, result.ExitCode, reason, result.Stderr)
	}
	if diff := cmp.Diff(before, k.files(t)); diff != "" {
		t.Errorf("kpt fn %q was refused, and changed files (-before +after):\n%s", args, diff)
	}
}

const (
	kptMutator = "pipeline:\n  mutators:\n  - exec: MODELFN\n"
	kptBoth    = kptMutator + "  validators:\n  - exec: MODELFN\n    configPath: platform.yaml\n"
	editedLock = "version is not what the manifest and config say"
)

// fnResults is what kpt writes with --results-dir.
type fnResults struct {
	ExitCode int
	Items    []struct {
		ExitCode int
		Results  []map[string]any
	}
}

// TestKptValidates: what modelfn verifies as a mutator it verifies as a validator,
// too: kpt keeps nothing of what a validator returns, but stops. doctor calls the one
// beside the other well.
func TestKptValidates(t *testing.T) {
	k := newKpt(t, kptBoth)
	first, _ := k.render(t)
	if again, _ := k.render(t); !cmp.Equal(first, again) {
		t.Errorf("-first +second:\n%s", cmp.Diff(first, again))
	}
	if result := host.Run(t, host.Command{Path: k.modelfn, Args: []string{"doctor", k.dir}}); result.ExitCode != 0 || result.Stderr != "" {
		t.Errorf("doctor: exit %d\n%s", result.ExitCode, result.Stderr)
	}

	// Something else that the pipeline does may change what was verified.
	k.pipeline(t, ".", strings.Replace(kptBoth, "  validators:\n", "  - exec: sed s/8.0.0/8.0.1/\n  validators:\n", 1))
	k.refused(t, editedLock, "render", ".", "--allow-exec")

	k.pipeline(t, ".", strings.Replace(kptBoth, "  mutators:\n  - exec: MODELFN\n", "", 1))
	if alone, _ := k.render(t); alone["fraud.modelfn.yaml"] != first["fraud.modelfn.yaml"] {
		t.Error("a validator changed files")
	}
	k.replace(t, lockFile, `version: "8.0.0"`, `version: "8.0.1"`)
	k.refused(t, editedLock, "render", ".", "--allow-exec", "--results-dir", filepath.Join(t.TempDir(), "results"))
}

// TestKptResults: what kpt saves says which resource, field and file, for whoever
// reads it.
func TestKptResults(t *testing.T) {
	k := newKpt(t, kptMutator)
	k.add(t, "models", "fraud.yaml")
	k.replace(t, "models/fraud.yaml", "spec:\n  model: kit://registry.example.com/models/fraud:v7", "spec:\n  model: kit://registry.example.com/models/fraud:v9")
	k.replace(t, "models/fraud.yaml", "  name: fraud\n", "  name: toy\n")
	write(t, filepath.Join(k.dir, "models", "fraud.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\n---\n"+read(t, filepath.Join(k.dir, "models", "fraud.yaml")))
	dir := filepath.Join(t.TempDir(), "results")
	k.refused(t, "not in the lock", "render", ".", "--allow-exec", "--results-dir", dir)

	var got fnResults
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "results.yaml"))), &got); err != nil {
		t.Fatal(err)
	}
	if got.ExitCode != 1 || len(got.Items) != 1 || got.Items[0].ExitCode != 1 || len(got.Items[0].Results) == 0 {
		t.Fatalf("results %+v", got)
	}
	first := got.Items[0].Results[0]
	message, _ := first["message"].(string)
	delete(first, "message")
	if !strings.Contains(message, "not in the lock") || !strings.Contains(message, "; fix: run `modelfn lock`") {
		t.Errorf("message %q", message)
	}
	if diff := cmp.Diff(map[string]any{
		"severity":    "error",
		"resourceRef": map[string]any{"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelDeployment", "name": "toy", "namespace": "ml-serving"},
		"field":       map[string]any{"path": "spec.model"},
		"file":        map[string]any{"path": "models/fraud.yaml", "index": 1.0},
		"tags":        map[string]any{"rule": "not-locked"},
	}, first); diff != "" {
		t.Errorf("the first result (-want +got):\n%s", diff)
	}
}

// TestKptSaysWhyFirst: older versions of kpt show four lines of what a function says.
func TestKptSaysWhyFirst(t *testing.T) {
	k := newKpt(t, kptMutator)
	for i := range 6 {
		dir := fmt.Sprintf("many/%d", i)
		k.add(t, dir, "fraud.yaml")
		k.replace(t, dir+"/fraud.yaml", "  name: fraud\n", fmt.Sprintf("  name: a%d\n", i))
	}
	k.replace(t, "fraud.yaml", "weight: 10", "weight: 101")
	k.refused(t, " Stderr: error: invalid-field: ModelDeployment ml-serving/fraud (fraud.yaml) spec.canary.weight: 101 is not a percentage", "render", ".", "--allow-exec")
	k.replace(t, "fraud.yaml", "weight: 101", "weight: 10")
	// The warnings of the six come before it by their names.
	k.replace(t, "platform.yaml", "required: [training-run-id]", "required: [training-run-id]\n  policy: {engine: ValidatingAdmissionPolicy}")
	k.replace(t, "fraud.yaml", "training-run-id: 8f2c", "training-run: 8f2c")
	result := k.run(t, "render", ".", "--allow-exec")
	_, said, _ := strings.Cut(result.Stderr, " Stderr: ")
	if result.ExitCode != 1 || !strings.HasPrefix(said, "error: ") || !strings.Contains(said, "warning: ") {
		t.Errorf("exit %d, said %.300q", result.ExitCode, said)
	}
}

// TestKptEval: whatever way kpt is asked to run the function, the objects are those
// of build.
func TestKptEval(t *testing.T) {
	k := newKpt(t, "")
	build := stdout(t, host.Run(t, host.Command{Path: k.modelfn, Args: []string{"build", k.dir}}))
	want := parseObjects(t, build)
	out := filepath.Join(t.TempDir(), "out")
	for name, eval := range map[string]func(t *testing.T, k kpt) objects{
		"in place": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn))
			return readObjects(t, k.dir)
		},
		"with the platform": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "--fn-config", "platform.yaml"))
			return readObjects(t, k.dir)
		},
		"with arguments": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn+" fn --timeout 30s"))
			return readObjects(t, k.dir)
		},
		"into another directory": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", out))
			return readObjects(t, out)
		},
		"unwrapped": func(t *testing.T, k kpt) objects {
			unwrapped := stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", "unwrap"))
			if strings.Contains(unwrapped, "internal.config.kubernetes.io") {
				t.Errorf("kpt's own book is in the output:\n%s", unwrapped)
			}
			return parseObjects(t, unwrapped)
		},
		"wrapped, into a sink": func(t *testing.T, k kpt) objects {
			list := stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", "stdout"))
			sink := filepath.Join(t.TempDir(), "sink")
			stdout(t, host.Run(t, host.Command{Path: host.Peer(t, peer.Kpt), Args: []string{"fn", "sink", sink}, Stdin: list}))
			return readObjects(t, sink)
		},
		"from a source": func(t *testing.T, k kpt) objects {
			list := stdout(t, k.run(t, "source", "."))
			return parseObjects(t, strings.Join(items(t, stdout(t, host.Run(t, host.Command{Path: k.modelfn, Stdin: list}))), "---\n"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := eval(t, newKpt(t, ""))
			for _, o := range got {
				unmarked(o)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-build +kpt:\n%s", diff)
			}
		})
	}
	k.refused(t, "modelfn takes no settings by key and value", "eval", ".", "--exec", k.modelfn, "--", "platform=mine")
	k.refused(t, "function-config", "eval", ".", "--exec", k.modelfn, "--fn-config", "Kptfile")
}

// unmarked takes kpt's own book off an object that a list was read for.
func unmarked(o object) {
	metadata, _ := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for key := range annotations {
		if strings.HasPrefix(key, "internal.config.k") || strings.HasPrefix(key, "config.k8s.io/") || slices.Contains([]string{"config.kubernetes.io/path", "config.kubernetes.io/index"}, key) {
			delete(annotations, key)
		}
	}
}

// TestKptSelection: a function that sees a part of the package would verify a part,
// and generate again what it does not see. Nothing is deleted either.
func TestKptSelection(t *testing.T) {
	const reason = "error: partial-package: kpt hands over "
	k := newKpt(t, kptMutator)
	k.render(t)
	for name, selection := range map[string]string{
		"no lock":        "exclude: [{kind: ModelLock}]",
		"no platform":    "exclude: [{kind: ModelPlatform}]",
		"no model":       "exclude: [{kind: ModelDeployment}]",
		"not its own":    "exclude: [{kind: InferenceService}]",
		"its kinds only": "selectors: [{apiVersion: modelfn.dev/v1alpha1}]",
		"all":            "selectors: [{}]",
	} {
		t.Run(name, func(t *testing.T) {
			k.pipeline(t, ".", kptMutator+"    "+selection+"\n")
			k.refused(t, reason, "render", ".", "--allow-exec")
		})
	}
	k.pipeline(t, ".", "")
	for _, flags := range [][]string{{"--match-kind", "ModelDeployment"}, {"--exclude-kind", "ModelLock"}, {"--match-namespace", "ml-serving"}, {"--match-name", "fraud"}} {
		k.refused(t, reason, append([]string{"eval", ".", "--exec", k.modelfn}, flags...)...)
	}
}

// TestKptSubpackages: packages in packages, rendered by the outermost's function or
// by their own. What is generated goes beside its deployment.
func TestKptSubpackages(t *testing.T) {
	const named = "  name: fraud\n  namespace: ml-serving\n"
	nested := func(t *testing.T, outer string, inner map[string]string) kpt {
		k := newKpt(t, outer)
		for dir, pipeline := range inner {
			k.add(t, dir, "fraud.yaml", lockFile)
			k.pipeline(t, dir, pipeline)
			k.replace(t, dir+"/fraud.yaml", named, "  name: fraud\n  namespace: "+filepath.Base(dir)+"\n")
			lock := filepath.Join(k.dir, dir, lockFile)
			write(t, lock, strings.ReplaceAll(read(t, lock), "namespace: ml-serving", "namespace: "+filepath.Base(dir)))
		}
		return k
	}
	generated := func(files map[string]string) (out []string) {
		for path := range files {
			if strings.HasSuffix(path, ".modelfn.yaml") {
				out = append(out, path)
			}
		}
		slices.Sort(out)
		return out
	}
	for name, inner := range map[string]string{"by the outermost": "", "by each": kptMutator} {
		t.Run(name, func(t *testing.T) {
			k := nested(t, kptMutator, map[string]string{"one": inner, "one/below": inner, "two": inner})
			if inner != "" {
				for _, dir := range []string{"one", "one/below", "two"} {
					k.add(t, dir, "platform.yaml")
				}
			}
			first, _ := k.render(t)
			want := []string{"fraud.modelfn.yaml", "one/below/fraud.modelfn.yaml", "one/fraud.modelfn.yaml", "two/fraud.modelfn.yaml"}
			if diff := cmp.Diff(want, generated(first)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, path := range want[1:] {
				if namespace := filepath.Base(filepath.Dir(path)); strings.Count(first[path], "  namespace: "+namespace+"\n") != 3 {
					t.Errorf("%s is not all of namespace %s:\n%s", path, namespace, first[path])
				}
			}
			if again, _ := k.render(t); !cmp.Equal(first, again) {
				t.Errorf("-first +second:\n%s", cmp.Diff(first, again))
			}
		})
	}
	t.Run("two platforms", func(t *testing.T) {
		k := nested(t, kptMutator, map[string]string{"one": kptMutator})
		k.add(t, "one", "platform.yaml")
		k.replace(t, "one/platform.yaml", "required: [training-run-id]", "required: []")
		k.refused(t, "there are 2 ModelPlatforms", "render", ".", "--allow-exec")
	})
	t.Run("no platform", func(t *testing.T) {
		k := nested(t, "", map[string]string{"one": kptMutator})
		k.refused(t, "nothing says whom to trust", "render", ".", "--allow-exec")
	})
}

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
