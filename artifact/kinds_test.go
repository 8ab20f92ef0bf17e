package artifact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// real is a lock entry with the bytes of a real artifact and nothing else: what
// Pin then says is wrong in it is the first field that it derived.
func real(t *testing.T, kind, uri string) v1alpha1.LockedModel {
	t.Helper()
	read := func(parts ...string) []byte {
		raw, err := os.ReadFile(filepath.Join(append([]string{"testdata", "real", kind}, parts...)...))
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	e := v1alpha1.LockedModel{URI: uri, Manifest: read("manifest.json"), Config: read("config.json")}
	e.Digest = string(artifact.DigestOf(e.Manifest))
	for i := 0; ; i++ {
		child := fmt.Sprintf("child-%d", i)
		p := v1alpha1.LockedPlatform{Manifest: read(child, "manifest.json"), Config: read(child, "config.json")}
		if p.Manifest == nil {
			return e
		}
		p.Digest = string(artifact.DigestOf(p.Manifest))
		e.Platforms = append(e.Platforms, p)
	}
}

// TestRealArtifacts derives what a lock says from the bytes that kit, crane and
// oras really write, and compares it with testdata/real/<kind>/entry.json, in
// which a reader sees the expectation.
func TestRealArtifacts(t *testing.T) {
	for kind, want := range map[string]struct {
		kind       artifact.Kind
		storage    artifact.Scheme
		references int
	}{
		"kit-modelkit":              {artifact.ModelKit, artifact.Kit, 0},
		"kit-parts":                 {artifact.ModelKit, artifact.Kit, 0},
		"kit-nested-digest":         {artifact.ModelKit, artifact.Kit, 1},
		"kit-nested-tag-and-digest": {artifact.ModelKit, artifact.Kit, 1},
		"kit-modelpack-kitfile":     {artifact.ModelPack, artifact.Kit, 0},
		"kit-modelpack-parts":       {artifact.ModelPack, artifact.Kit, 0},
		"modelpack-plain":           {artifact.ModelPack, artifact.Kit, 0},
		"crane-image":               {artifact.Image, artifact.OCI, 0},
		"docker-image":              {artifact.Image, artifact.OCI, 0},
		"index":                     {artifact.Index, artifact.OCI, 0},
		"docker-index":              {artifact.Index, artifact.OCI, 0},
		"plain-artifact":            {artifact.Generic, artifact.OCI, 0},
	} {
		t.Run(kind, func(t *testing.T) {
			uri := "registry.example.com/models/" + kind + ":v1"
			got, err := pin(t, uri, complete(t, real(t, kind, uri)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind() != want.kind || got.Scheme() != want.storage || len(got.References()) != want.references {
				t.Errorf("%s, %s://, refers to %v", got.Kind(), got.Scheme(), got.References())
			}
			if wantURI := string(want.storage) + "://registry.example.com/models/" + kind + "@" + string(got.Digest()); got.StorageURI() != wantURI {
				t.Errorf("storage URI %s, want %s", got.StorageURI(), wantURI)
			}
			summary := got.Lock(nil)
			summary.Manifest, summary.Config = nil, nil
			for i := range summary.Platforms {
				summary.Platforms[i].Manifest, summary.Platforms[i].Config = nil, nil
			}
			var golden v1alpha1.LockedModel
			raw, err := os.ReadFile(filepath.Join("testdata", "real", kind, "entry.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &golden); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(golden, summary, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
		})
	}
}

// complete fills the summary of an entry with what was expected of it, so that
// Pin accepts the entry only when it derives the same.
func complete(t *testing.T, e v1alpha1.LockedModel) v1alpha1.LockedModel {
	t.Helper()
	kind := filepath.Base(strings.TrimSuffix(e.URI, ":v1"))
	raw, err := os.ReadFile(filepath.Join("testdata", "real", kind, "entry.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := v1alpha1.LockedModel{}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	want.Manifest, want.Config = e.Manifest, e.Config
	for i := range want.Platforms {
		want.Platforms[i].Manifest, want.Platforms[i].Config = e.Platforms[i].Manifest, e.Platforms[i].Config
	}
	return want
}

// TestRealArtifactsRefused: kits that a digest does not pin.
func TestRealArtifactsRefused(t *testing.T) {
	const byTag = `model.path names another ModelKit by tag ("registry.example.com/models/base:v1"): what it holds can change under this digest; pack it by digest, registry.example.com/models/base@DIGEST`
	for kind, want := range map[string]string{
		"kit-nested-tag":               byTag,
		"kit-modelpack-nested-tag":     byTag,
		"kit-nested-comma":             `model.path ("registry.example.com/models/base:v1,v2") is fetched when the kit is unpacked`,
		"kit-nested-local-name":        `model.path ("base:v1") is fetched when the kit is unpacked`,
		"kit-remote-dataset":           `datasets[0].remotePath names another ModelKit by tag`,
		"modelpack-filepath-reference": `layers[0]: file "127.0.0.1:5555/models/base:v1" reads like a reference to another ModelKit`,
	} {
		uri := "kit://registry.example.com/models/x:v1"
		got, err := pin(t, uri, real(t, kind, uri))
		if err == nil || !strings.Contains(err.Error(), want) || got.Resolved() {
			t.Errorf("%s: %v, want %q", kind, err, want)
		}
	}
}
