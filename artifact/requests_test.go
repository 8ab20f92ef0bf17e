package artifact_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// enough is a policy that one piece of evidence satisfies.
func enough(p artifact.Pinned) artifact.Wants {
	return artifact.Wants{Signatures: len(p.Evidence) == 0}
}

// TestRequestsPerModel counts what a model costs on a registry that was asked
// about another one before: no ping, no second look for an API that is not
// there, no payload that can be worked out.
func TestRequestsPerModel(t *testing.T) {
	for name, test := range map[string]struct {
		referrers bool
		evidence  func(repository string) artifact.Evidence
		want      int
		skipped   []string
	}{
		"legacy, no API": {false, func(repository string) artifact.Evidence { return release.Legacy(repository, kit.Digest()) }, 4, nil},
		"bundle, no API": {false, func(string) artifact.Evidence { return release.Bundle(kit.Digest()) }, 5, []string{"legacy signatures"}},
		"legacy, API":    {true, func(repository string) artifact.Evidence { return release.Legacy(repository, kit.Digest()) }, 4, nil},
		"bundle, API":    {true, func(string) artifact.Evidence { return release.Bundle(kit.Digest()) }, 5, []string{"legacy signatures"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := testsign.NewRegistry(t, test.referrers)
			source, err := artifact.NewRegistry(r.Exceptions(), enough)
			if err != nil {
				t.Fatal(err)
			}
			for _, repository := range []string{"warm/up", path} {
				r.Push(t, repository, "v7", kit)
				r.Attach(t, repository, kit.Digest(), test.evidence(r.Host+"/"+repository))
			}
			if _, err := source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/warm/up:v7")); err != nil {
				t.Fatal(err)
			}
			before := len(r.Requests())
			got, err := source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/"+path+":v7"))
			if err != nil {
				t.Fatal(err)
			}
			if asked := r.Requests()[before:]; len(asked) != test.want {
				t.Errorf("%d requests, want %d: %s", len(asked), test.want, strings.Join(asked, ", "))
			}
			if diff := cmp.Diff(test.skipped, got.Skipped); diff != "" || len(got.Evidence) != 1 {
				t.Errorf("%d pieces of evidence, skipped (-want +got):\n%s", len(got.Evidence), diff)
			}
		})
	}
}

// TestPayloadThatIsNotTheUsual is fetched: cosign sign -a adds annotations.
func TestPayloadThatIsNotTheUsual(t *testing.T) {
	r := testsign.NewRegistry(t, false)
	payload := []byte(`{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"` + string(kit.Digest()) + `"},"type":"cosign container image signature"},"optional":{"a":"b"}}`)
	r.Push(t, path, "v7", kit)
	r.Attach(t, path, kit.Digest(), testsign.LegacyWith(payload, "c2ln"))
	got, err := ask(t.Context(), t, r)
	if err != nil {
		t.Fatal(err)
	}
	legacy, err := got.Evidence[0].Legacy()
	if err != nil || string(legacy.Payload) != string(payload) {
		t.Errorf("payload %q, %v", legacy.Payload, err)
	}
}

// TestNothingIsFetchedThatNobodyNeeds: with enough before the first look, no
// evidence is asked for.
func TestNothingIsFetchedThatNobodyNeeds(t *testing.T) {
	r := signed(t, true)
	source, err := artifact.NewRegistry(r.Exceptions(), func(artifact.Pinned) artifact.Wants { return artifact.Wants{} })
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/"+path+":v7"))
	if err != nil || len(got.Evidence) > 0 || asked(r, "sha256-")+asked(r, "/referrers/") > 0 {
		t.Errorf("%d pieces of evidence, %v, after %s", len(got.Evidence), err, strings.Join(r.Requests(), ", "))
	}
}

// TestOnce: many who ask at once cost one question, and share an error too.
func TestOnce(t *testing.T) {
	source := &testsign.Source{Published: map[string]testsign.Published{uri: {Model: kit}}}
	once := artifact.Once(source)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := once.Pin(t.Context(), parse(t, uri)); err != nil || got.Digest() != kit.Digest() {
				t.Errorf("%s, %v", got.Digest(), err)
			}
			if _, err := once.Pin(t.Context(), parse(t, uri+"1")); !errors.Is(err, artifact.ErrNotFound) {
				t.Errorf("%v, want ErrNotFound", err)
			}
		})
	}
	wg.Wait()
	// At a locked digest the same URI is another question.
	if _, err := once.Pin(t.Context(), parse(t, uri).At(digest)); !errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
	if diff := cmp.Diff([]string{uri, uri, uri + "1"}, slices.Sorted(slices.Values(source.Asked()))); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestRegistryPinsAnIndex with the images it lists, and what the registry gave
// is what the lock gives.
func TestRegistryPinsAnIndex(t *testing.T) {
	r := testsign.NewRegistry(t, true)
	amd, arm := testsign.Image("iris", "1", "onnx"), testsign.Image("iris", "2", "onnx")
	index := testsign.Index([]string{"linux/amd64", "linux/arm64"}, amd, arm)
	r.Push(t, path, "amd", amd)
	r.Push(t, path, "arm", arm)
	r.Manifest(t, path, "v7", "application/vnd.oci.image.index.v1+json", index.Manifest)
	r.Attach(t, path, index.Digest(), release.Bundle(index.Digest()))
	got, err := ask(t.Context(), t, r)
	if err != nil {
		t.Fatal(err)
	}
	if got.Kind() != artifact.Index || got.Digest() != index.Digest() || got.Metadata().Format != "onnx" {
		t.Errorf("%s %s, %v", got.Kind(), got.Digest(), got.Metadata())
	}
	uri := got.Reference().String()
	entry := got.Lock([]int{0})
	if len(entry.Platforms) != 2 || entry.Platforms[1].Platform != "linux/arm64" || entry.Platforms[1].Digest != string(arm.Digest()) {
		t.Errorf("platforms %v", entry.Platforms)
	}
	again, err := pin(t, uri, entry)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entry, again.Lock([]int{0})); diff != "" {
		t.Errorf("through the lock (-registry +lock):\n%s", diff)
	}
}

// TestIndexRefused: an index must hold images that one runtime can serve, and a
// lock must hold each of them.
func TestIndexRefused(t *testing.T) {
	amd, arm := testsign.Image("iris", "1", "onnx"), testsign.Image("iris", "2", "sklearn")
	platforms := []string{"linux/amd64", "linux/arm64"}
	two := testsign.Index(platforms, amd, testsign.Image("iris", "3", "onnx"))
	missing, swapped, renamed, doubled := two.Entry(uri), two.Entry(uri), two.Entry(uri), two.Entry(uri)
	missing.Platforms = missing.Platforms[:1]
	swapped.Platforms = []v1alpha1.LockedPlatform{two.Summary.Platforms[1], two.Summary.Platforms[0]}
	renamed.Platforms = slices.Clone(renamed.Platforms)
	renamed.Platforms[1].Platform = "linux/amd64"
	doubled.Config = []byte("{}")
	for name, test := range map[string]struct {
		entry v1alpha1.LockedModel
		want  string
	}{
		"two formats": {testsign.Index(platforms, amd, arm).Entry(uri), `of different formats, "onnx" and "sklearn"`},
		"a kit":       {testsign.Index(platforms[:1], kit).Entry(uri), "it is a ModelKit: only images are supported in an index"},
		"missing":     {missing, "the index lists 2 images, there are 1"},
		"swapped":     {swapped, "manifest hashes to"},
		"renamed":     {renamed, "platforms is not what the manifest and config say"},
		"a config":    {doubled, "the index lists 2 images"},
	} {
		got, err := pin(t, uri, test.entry)
		if err == nil || !strings.Contains(err.Error(), test.want) || got.Resolved() {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
