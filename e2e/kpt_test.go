package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
