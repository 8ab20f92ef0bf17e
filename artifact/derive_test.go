package artifact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

func TestDeriveModelKit(t *testing.T) {
	got, err := pin(t, uri, kit.Entry(uri))
	if err != nil {
		t.Fatal(err)
	}
	want := artifact.Metadata{Name: "fraud", Version: "7.0.0", License: "Apache-2.0", Format: "sklearn"}
	if diff := cmp.Diff(want, got.Metadata()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	digest := string(kit.Digest())
	if got.Kind() != artifact.ModelKit || got.Size() != int64(len(kit.Layer)) || string(got.Digest()) != digest {
		t.Errorf("%s of %d bytes, %s", got.Kind(), got.Size(), got.Digest())
	}
	if want := "kit://" + repository + "@" + digest; got.StorageURI() != want {
		t.Errorf("storage URI %s, want %s", got.StorageURI(), want)
	}
	if entry := got.Lock(nil); string(entry.Manifest) != string(kit.Manifest) || string(entry.Config) != string(kit.Config) {
		t.Error("the raw bytes are not those of the lock")
	}
}

// TestDeriveImage: the scheme follows what the artifact is, not what the
// deployment wrote; a modelcar cannot be unpacked as a ModelKit.
func TestDeriveImage(t *testing.T) {
	image := testsign.Image("iris", "1.2", "onnx")
	got, err := pin(t, uri, image.Entry(uri))
	if err != nil {
		t.Fatal(err)
	}
	want := artifact.Metadata{Name: "iris", Version: "1.2", Format: "onnx"}
	if diff := cmp.Diff(want, got.Metadata()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if want := "oci://" + repository + "@" + string(image.Digest()); got.Kind() != artifact.Image || got.StorageURI() != want {
		t.Errorf("%s at %s, want %s", got.Kind(), got.StorageURI(), want)
	}
}

// TestFormats: what packers write becomes KServe's name, and what nobody knows
// becomes nothing, so that the deployment has to say it.
func TestFormats(t *testing.T) {
	for text, want := range map[string]string{
		"sklearn": "sklearn", "Scikit-Learn": "sklearn", " transformers ": "huggingface", "VLLM": "vLLM",
		"savedmodel": "tensorflow", "joblib": "", "": "", "../../etc": "",
	} {
		image := testsign.ImageWith(map[string]string{artifact.FormatLabel: text})
		image.Summary.Format = want
		got, err := pin(t, uri, image.Entry(uri))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got.Metadata().Format != want {
			t.Errorf("%q is served as %q, want %q", text, got.Metadata().Format, want)
		}
	}
}

// TestKitfileSays: the package's name and version win over the model's, the
// model's licence over the package's.
func TestKitfileSays(t *testing.T) {
	m := testsign.KitWith(map[string]any{
		"package": map[string]any{"name": "package", "license": "MIT"},
		"model":   map[string]any{"name": "model", "version": "1", "license": "Apache-2.0", "format": "onnx", "framework": "sklearn"},
	})
	want := artifact.Metadata{Name: "package", Version: "1", License: "Apache-2.0", Format: "onnx"}
	m.Summary.Name, m.Summary.Version, m.Summary.License, m.Summary.Format = want.Name, want.Version, want.License, want.Format
	got, err := pin(t, uri, m.Entry(uri))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Metadata()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

// TestNestedKitRefused: a digest does not pin what the Kitfile under it names.
func TestNestedKitRefused(t *testing.T) {
	const tag = "registry.example.com/models/base:latest"
	model := func(path string, parts ...map[string]any) map[string]any {
		return map[string]any{"model": map[string]any{"path": path, "parts": parts}}
	}
	data := func(field, path string) map[string]any {
		return map[string]any{"datasets": []map[string]any{{}, {field: path}}}
	}
	for name, test := range map[string]struct {
		kitfile map[string]any
		want    string
	}{
		"by tag":           {model(tag), `model.path names another ModelKit by tag ("` + tag + `")`},
		"by short name":    {model("base:latest"), "model.path (\"base:latest\") is fetched when the kit is unpacked"},
		"by digest alone":  {model(digest), "model.path (\"" + digest + "\") is fetched when the kit is unpacked"},
		"digest and rest":  {model("registry.example.com/models/base@" + digest + "0"), "is fetched when the kit is unpacked"},
		"tags by comma":    {model("registry.example.com/models/base:v1, v2"), "is fetched when the kit is unpacked"},
		"part":             {model("model.joblib", map[string]any{"path": "a"}, map[string]any{"path": tag}), "model.parts[1].path (\"" + tag + "\") reads like a reference"},
		"data, path":       {data("path", tag), "datasets[1].path (\"" + tag + "\") reads like a reference"},
		"data, remote kit": {data("remotePath", tag), "datasets[1].remotePath names another ModelKit by tag"},
		"data, bucket":     {data("remotePath", "s3://bucket/key"), "is fetched when the kit is unpacked"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pin(t, uri, testsign.KitWith(test.kitfile).Entry(uri))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	for _, path := range []string{"", "model.joblib", "./dir/model.onnx", "models/v1.2/"} {
		if _, err := pin(t, uri, testsign.KitWith(model(path)).Entry(uri)); err != nil {
			t.Errorf("a file %q is refused: %v", path, err)
		}
	}
}

// TestManifestRefused holds manifests that are no single model, or that two
// programs would read in two ways.
func TestManifestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(m map[string]any)
		want   string
	}{
		"index of what is no image": {func(m map[string]any) {
			delete(m, "config")
			delete(m, "layers")
			delete(m, "mediaType")
			m["manifests"] = []any{map[string]any{"digest": digest}}
		}, `the index lists a manifest of type ""`},
		"image and index": {func(m map[string]any) {
			m["manifests"] = []any{map[string]any{"digest": digest}}
		}, "manifest is both an image and an index"},
		"index by type": {func(m map[string]any) {
			m["mediaType"] = "application/vnd.oci.image.index.v1+json"
		}, "manifest is both an image and an index"},
		"another type": {func(m map[string]any) {
			m["mediaType"] = "application/vnd.docker.distribution.manifest.v1+json"
		}, `manifest of type "application/vnd.docker.distribution.manifest.v1+json" is not supported`},
		"one packer's type over another's config": {func(m map[string]any) {
			m["config"].(map[string]any)["mediaType"] = "application/vnd.cncf.model.config.v1+json"
		}, "manifest: artifactType \"application/vnd.kitops.modelkit.manifest.v1+json\" over a config of type \"application/vnd.cncf"},
		"another config": {func(m map[string]any) {
			m["config"].(map[string]any)["digest"] = digest
		}, "config hashes to"},
		"no config": {func(m map[string]any) { delete(m, "config") }, "neither a config nor a list of images"},
		"negative layer": {func(m map[string]any) {
			m["layers"].([]any)[0].(map[string]any)["size"] = -1
		}, "layer of -1 bytes"},
		"layers beyond count": {func(m map[string]any) {
			m["layers"] = []any{map[string]any{"size": int64(1) << 61}, map[string]any{"size": 1}}
		}, "layer of 2305843009213693952 bytes"},
		"layers no list": {func(m map[string]any) { m["layers"] = "x" }, "manifest: x in place of a list"},
	} {
		t.Run(name, func(t *testing.T) {
			var tree map[string]any
			if err := json.Unmarshal(kit.Manifest, &tree); err != nil {
				t.Fatal(err)
			}
			test.change(tree)
			raw, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			changed := kit
			changed.Manifest = raw
			_, err = pin(t, uri, changed.Entry(uri))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
