package e2e_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// expectation is what a lock says about a kind of artifact, and what becomes of
// it.
type expectation struct {
	kind, scheme           string
	name, version, license string
	format, parameters     string
	// files are named by an annotation of the layers.
	annotation string
	// inner: it adopts the model of a kit beside it.
	inner bool
	// refused is why `lock` refuses it, unservable why `build` does.
	refused, unservable string
}

const (
	kitPath  = "org.cncf.model.filepath"
	orasPath = "org.opencontainers.image.title"

	byTag = "model.path names another ModelKit by tag"
)

var expectations = map[publish.Kind]expectation{
	publish.KindModelKit: {
		kind: "ModelKit", scheme: "kit", name: "fraud", version: "7.0.0", license: "Apache-2.0", format: "sklearn", annotation: kitPath,
	},
	publish.KindEverything: {
		kind: "ModelKit", scheme: "kit", name: "assistant", version: "1.2.3", license: "Apache-2.0", format: "huggingface", annotation: kitPath,
		parameters: `{"seed":12345678901234567890,"stop":["end","no"],"temperature":0.7}`,
	},
	publish.KindNestedByDigest: {
		kind: "ModelKit", scheme: "kit", name: "fraud-tuned", version: "7.1.0", license: "Apache-2.0", format: "sklearn", inner: true,
	},
	publish.KindNestedByTag: {inner: true, refused: byTag},
	publish.KindModelPack: {
		kind: "ModelPack", scheme: "kit", name: "fraud", version: "7.0.0", license: "Apache-2.0", format: "sklearn", annotation: kitPath,
	},
	publish.KindModelPackForeign: {
		kind: "ModelPack", scheme: "kit", name: "fraud", version: "7.0.0", license: "Apache-2.0", annotation: kitPath,
	},
	publish.KindModelPackNested: {inner: true, refused: byTag},
	publish.KindImage: {
		kind: "Image", scheme: "oci", name: "fraud", version: "7.0.0", license: "Apache-2.0",
	},
	publish.KindDockerImage: {
		kind: "Image", scheme: "oci", name: "fraud", version: "7.0.0", license: "Apache-2.0",
	},
	publish.KindIndex: {
		kind: "Index", scheme: "oci", name: "fraud", version: "7.0.0", license: "Apache-2.0",
	},
	publish.KindPlain: {
		kind: "Artifact", version: "7.0.0", annotation: orasPath,
		unservable: "is an OCI artifact that is neither an image nor a ModelKit nor a ModelPack",
	},
}

// entry is the one that a lock should have, without its evidence.
func (w world) entry(t *testing.T, path string, a publish.Artifact, want expectation) lockedModel {
	t.Helper()
	entry := lockedModel{
		URI: w.uri("", path), Digest: a.Digest.DigestStr(), Kind: want.kind,
		Name: want.name, Version: want.version, License: want.license, Format: want.format, Parameters: want.parameters,
		Manifest: a.Manifest, Config: a.Config,
	}
	if want.inner {
		entry.References = []string{"kit://" + w.artifact(t, path+"-inner").Digest.String()}
	}
	var manifest struct{ Layers, Manifests []v1.Descriptor }
	if err := json.Unmarshal(a.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	entry.Size = size(manifest.Layers)
	for _, l := range manifest.Layers {
		if file := l.Annotations[want.annotation]; file != "" {
			entry.Files = append(entry.Files, lockedFile{file, l.Size, l.Digest.String()})
		}
	}
	if want.annotation != "" && len(entry.Files) != len(manifest.Layers) {
		t.Errorf("%d of %d layers name a file", len(entry.Files), len(manifest.Layers))
	}
	for _, d := range manifest.Manifests {
		image := w.artifact(t, path+"-"+d.Platform.Architecture)
		var of struct{ Layers []v1.Descriptor }
		if err := json.Unmarshal(image.Manifest, &of); err != nil {
			t.Fatal(err)
		}
		entry.Size = max(entry.Size, size(of.Layers))
		entry.Platforms = append(entry.Platforms, lockedPlatform{d.Platform.String(), d.Digest.String(), image.Manifest, image.Config})
	}
	return entry
}

func size(layers []v1.Descriptor) (sum int64) {
	for _, l := range layers {
		sum += l.Size
	}
	return sum
}

// artifact is what was published under a tag.
func (w world) artifact(t *testing.T, path string) publish.Artifact {
	t.Helper()
	a, err := w.publisher.Artifact(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantEvidence wants one signature of a format, by its own bytes.
func wantEvidence(t *testing.T, entry lockedModel, mediaType string) {
	t.Helper()
	if len(entry.Evidence) != 1 || entry.Evidence[0].MediaType != mediaType {
		t.Fatalf("%s: %d pieces of evidence, want one %s", entry.URI, len(entry.Evidence), mediaType)
	}
	e := entry.Evidence[0]
	if got := fmt.Sprintf("sha256:%x", sha256.Sum256(e.Data)); got != e.Digest {
		t.Errorf("%s: evidence of digest %s is listed under %s", entry.URI, got, e.Digest)
	}
}

// servedAs is the format that a deployment states where the artifact does not.
func servedAs(want expectation) string { return cmp.Or(want.format, "sklearn") }

// wantService wants the artifact served by its digest, under the scheme that
// fits, with what is known about it.
func wantService(t *testing.T, rendered objects, a publish.Artifact, uri string, want expectation) {
	t.Helper()
	service := rendered["InferenceService ml-serving/fraud"]
	if service == nil || rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"] == nil {
		t.Fatalf("rendered: %v", slices.Sorted(maps.Keys(rendered)))
	}
	model := service["spec"].(map[string]any)["predictor"].(map[string]any)["model"]
	served := map[string]any{
		"modelFormat": map[string]any{"name": servedAs(want)},
		"storageUri":  want.scheme + "://" + a.Digest.String(),
	}
	if servedAs(want) == "huggingface" { // whose runtime would ask the hub otherwise
		served["env"] = env("HF_HUB_OFFLINE", "1")
	}
	if servedAs(want) == "onnx" { // which no runtime of KServe's serves by v1
		served["protocolVersion"] = "v2"
	}
	if diff := gocmp.Diff(any(served), model); diff != "" {
		t.Errorf("model (-want +got):\n%s", diff)
	}
	record := rendered["ConfigMap ml-serving/modelfn-fraud"]["metadata"].(map[string]any)["annotations"].(map[string]any)
	for _, key := range []string{"lock-digest", "platform-digest"} {
		if text, _ := record["modelfn.dev/"+key].(string); !strings.HasPrefix(text, "sha256:") {
			t.Errorf("annotation %s: %q is no digest", key, text)
		}
		delete(record, "modelfn.dev/"+key)
	}
	if diff := gocmp.Diff(map[string]any{
		"modelfn.dev/digest":          a.Digest.DigestStr(),
		"modelfn.dev/source":          uri,
		"modelfn.dev/authorities":     "release",
		"modelfn.dev/platform":        "prod",
		"modelfn.dev/platform-sealed": "false",
	}, record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	annotations := service["metadata"].(map[string]any)["annotations"].(map[string]any)
	wanted := map[string]any{
		"serving.kserve.io/deploymentMode": "Knative",
		"modelfn.dev/digest":               a.Digest.DigestStr(),
		"modelfn.dev/model-name":           want.name,
		"modelfn.dev/model-version":        want.version,
		"modelfn.dev/model-license":        want.license,
	}
	if want.parameters != "" {
		wanted["modelfn.dev/model-parameters"] = want.parameters
	}
	if diff := gocmp.Diff(wanted, annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}
