package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// initializer is the image that the platform of these tests has kits unpacked by.
const initializer = "ghcr.io/kitops-ml/kitops-kserve@sha256:5ba2f2b4e4f0f8f1c6f6e1a0e5b1d6c7c9f7a8b2d3e4f5061728394a5b6c7d8e"

// baseline is what `modelfn baseline` prints of a platform with kit settings.
func baseline(t *testing.T, kit map[string]any) []*cluster.Object {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"image": initializer}
	for field, value := range kit {
		settings[field] = value
	}
	file := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, file, toYAML(t, object{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelPlatform", "metadata": map[string]any{"name": "prod"},
		"spec": map[string]any{
			"trust":   []any{map[string]any{"match": []any{"registry.example.com/**"}, "unsafeUnsigned": true}},
			"serving": map[string]any{"kit": settings},
		},
	}))
	return parse(t, stdout(t, host.Run(t, host.Command{Path: modelfn, Args: []string{"baseline", "--platform", file}})))
}

// prepare gives a cluster what a platform's models need, and not what guards them:
// other tests have models that no platform knows.
func prepare(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for _, o := range baseline(t, nil) {
		if o.GroupVersionKind().Group == "admissionregistration.k8s.io" {
			continue
		}
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
	}
}

// TestAPIServerTakesBaseline: each version of KServe stores it as it was printed.
func TestAPIServerTakesBaseline(t *testing.T) {
	for _, shared := range []*cluster.Shared{&bare, &bare017} {
		for name, kit := range map[string]map[string]any{
			"the image alone": nil,
			"all of it": {"credentialsSecret": "kit", "resources": map[string]any{
				"requests": map[string]any{"cpu": "0.1", "memory": "100Mi"}, "limits": map[string]any{"memory": "1024Mi"},
			}},
		} {
			t.Run(shared.KServe.Version+" "+name, func(t *testing.T) {
				for _, o := range baseline(t, kit) {
					takes(t, shared.Get(t), o)
				}
			})
		}
		t.Run(shared.KServe.Version+" scope Platform", func(t *testing.T) {
			c := shared.Get(t)
			keepParams(t, c)
			for _, golden := range []string{"scope-platform-knative", "refused-scope-platform-attested-legacy"} {
				for _, o := range baselineOf(t, read(t, "../testdata/"+golden+"/platform.yaml")) {
					takes(t, c, o)
				}
			}
		})
	}
}

// TestStandardBaseline: each version's manager takes a kit:// model, and its
// webhook has it unpacked by the platform's image.
func TestStandardBaseline(t *testing.T) {
	for version, shared := range managed {
		t.Run(version, func(t *testing.T) {
			c := shared.Get(t)
			d := deployment(t, c, service(t, c, "baseline", nil))
			fetcher := container(t, fieldOf[map[string]any](t, pod(t, c, d).Object, "spec"), "storage-initializer")
			if fetcher["image"] != initializer {
				t.Errorf("%v unpacks, want %s", fetcher["image"], initializer)
			}
			if got := variable(t, fetcher, "KIT_UNPACK_FLAGS"); got != "--filter=model" {
				t.Errorf("it unpacks with %v", got)
			}
			if diff := cmp.Diff([]any{"kit://" + fraudModel, "/mnt/models"}, fetcher["args"]); diff != "" {
				t.Errorf("arguments: -want, +got:\n%s", diff)
			}
		})
	}
}

// TestBaselineUnpacksModels: by what the initializer is told, the real kit unpacks
// the model, of a nested kit too, and nothing that lies beside it in either.
func TestBaselineUnpacksModels(t *testing.T) {
	w, _ := nested(t)
	inner, err := w.publisher.Sample(t.Context(), publish.KindEverything, "models/assistant")
	if err != nil {
		t.Fatal(err)
	}
	outer, err := w.publisher.ModelKit(t.Context(), "models/tuned:v1", fstest.MapFS{
		"Kitfile": {Data: []byte("manifestVersion: 1.0.0\npackage: {name: tuned}\nmodel: {name: tuned, path: '" + inner.Digest.String() +
			"'}\ncode: [{path: model/c.safetensors}]\ndocs: [{path: model/d.safetensors}]\n")},
		"model/c.safetensors": {Data: []byte("theirs")},
		"model/d.safetensors": {Data: []byte("theirs")},
	})
	if err != nil {
		t.Fatal(err)
	}
	env := fieldOf[[]any](t, baseline(t, nil)[0].Object, "spec", "container", "env")
	flags := strings.Fields(fieldOf[string](t, env[0].(map[string]any), "value"))
	model := []string{"adapters/lora.bin", "model/a.safetensors", "model/b.safetensors", "tokenizer.json"}
	beside := []string{"model/c.safetensors", "model/d.safetensors"}
	for name, tt := range map[string]struct {
		flags        []string
		want, absent []string
	}{
		"as the baseline says": {flags, model, beside},
		"with nothing said":    {nil, append(beside, model...), nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := w.publisher.Unpack(t.Context(), outer, dir, tt.flags...); err != nil {
				t.Fatal(err)
			}
			got := filesBelow(t, dir)
			for _, file := range tt.want {
				if !slices.Contains(got, file) {
					t.Errorf("no %s in %q", file, got)
				}
			}
			for _, file := range tt.absent {
				if slices.Contains(got, file) {
					t.Errorf("%s beside the model: %q", file, got)
				}
			}
			if len(tt.absent) > 0 && len(got) != len(tt.want) {
				t.Errorf("%q, want %q and nothing else", got, tt.want)
			}
		})
	}
}

func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
