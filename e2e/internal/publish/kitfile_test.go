package publish_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// kitfile is what the samples' Kitfiles say that readers depend on.
type kitfile struct {
	Package struct{ Name, License string }
	Model   struct {
		Name, Path, Digest string
		Parts              []struct{ Name, License, Digest string }
		Parameters         map[string]json.RawMessage
	}
	Code, Datasets, Docs, Prompts []struct{ Path, License, Digest string }
}

func TestEverything(t *testing.T) {
	w := newWorld(t, places["plain http"])
	artifact := w.sample(t, publish.KindEverything)
	got := readKitfile(t, artifact.Config)
	if got.Package.License != "MIT" || got.Model.Name != "base" || len(got.Model.Parts) != 2 ||
		len(got.Code) != 1 || len(got.Datasets) != 1 || len(got.Docs) != 1 || len(got.Prompts) != 1 {
		t.Errorf("config %s, want all of the Kitfile in it", artifact.Config)
	}
	if got.Model.Digest == "" || got.Model.Parts[0].Digest == "" || got.Datasets[0].Digest == "" {
		t.Errorf("config %s, want the layers' digests beside their paths", artifact.Config)
	}
	if seed := string(got.Model.Parameters["seed"]); seed != "12345678901234567890" {
		t.Errorf("seed %s: kit rounds it", seed)
	}
}

// TestNested shows where each format keeps the reference, and in what words.
func TestNested(t *testing.T) {
	w := newWorld(t, places["debian"])
	repository := w.repository(t)
	for kind, tt := range map[publish.Kind]struct {
		inner  func() string
		config func(publish.Artifact) []byte
	}{
		publish.KindNestedByTag: {
			func() string { return repository.Tag("modelkit-nested-tag-inner").String() },
			func(a publish.Artifact) []byte { return a.Config },
		},
		publish.KindNestedByDigest: {
			func() string { return w.digest(t, "models/fraud:modelkit-nested-digest-inner") },
			func(a publish.Artifact) []byte { return a.Config },
		},
		publish.KindModelPackNested: {
			func() string { return repository.Tag("modelpack-nested-tag-inner").String() },
			func(a publish.Artifact) []byte { return annotation(t, a) },
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			artifact := w.sample(t, kind)
			if diff := cmp.Diff(tt.inner(), readKitfile(t, tt.config(artifact)).Model.Path); diff != "" {
				t.Errorf("model.path: -want, +got:\n%s", diff)
			}
		})
	}
}

func TestModelPackForeign(t *testing.T) {
	w := newWorld(t, places["plain http"])
	if got := annotation(t, w.sample(t, publish.KindModelPackForeign)); got != nil {
		t.Errorf("annotation %s, want none", got)
	}
	own := w.sample(t, publish.KindModelPack)
	if got := readKitfile(t, annotation(t, own)).Model.Path; got != "model.joblib" {
		t.Errorf("model.path in the annotation: %q", got)
	}
}

func (w world) sample(t *testing.T, kind publish.Kind) publish.Artifact {
	t.Helper()
	artifact, err := w.publisher.Sample(t.Context(), kind, "models/fraud")
	if err != nil {
		t.Fatal(err)
	}
	return artifact
}

func (w world) digest(t *testing.T, path string) string {
	t.Helper()
	digest, err := w.publisher.Digest(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// annotation is the Kitfile in a manifest; nil when there is none.
func annotation(t *testing.T, artifact publish.Artifact) []byte {
	t.Helper()
	var manifest struct{ Annotations map[string]string }
	if err := json.Unmarshal(artifact.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	if content, ok := manifest.Annotations[publish.KitfileAnnotation]; ok {
		return []byte(content)
	}
	return nil
}

func readKitfile(t *testing.T, content []byte) kitfile {
	t.Helper()
	var k kitfile
	if err := json.Unmarshal(content, &k); err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	return k
}
