package artifact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// configTypes are those of what configs are parsed as.
var configTypes = []string{
	"application/vnd.kitops.modelkit.config.v1+json", "application/vnd.cncf.model.config.v1+json", "application/vnd.oci.image.config.v1+json",
}

// holds is what must be so of an artifact, whatever was hostile in it.
func holds(t *testing.T, ref Reference, c content) {
	t.Helper()
	a, err := derive(ref, c)
	if err != nil {
		if a.Resolved() {
			t.Errorf("%v, and an artifact", err)
		}
		return
	}
	if !a.Resolved() || a.Digest() != DigestOf(c.manifest) {
		t.Fatalf("resolved %t, %s", a.Resolved(), a.Digest())
	}
	if c.config != nil && !strings.Contains(string(c.manifest), string(DigestOf(c.config))) && !strings.Contains(string(c.manifest), `\u`) {
		t.Error("a config that the manifest does not name")
	}
	m := a.Metadata()
	for _, text := range []string{m.Name, m.Version, m.License, m.Architecture} {
		if len(text) > maxText || !utf8.ValidString(text) {
			t.Errorf("a text of %d bytes: %.100q", len(text), text)
		}
	}
	if len(a.References()) > maxReferences || len(m.Files) > maxList {
		t.Errorf("%d references, %d files", len(a.References()), len(m.Files))
	}
	if !strings.HasSuffix(a.StorageURI(), "@"+string(a.Digest())) {
		t.Errorf("served from %q", a.StorageURI())
	}
	// What a lock says of it is what is derived from the lock again.
	entry := Pinned{Artifact: a}.Lock(nil)
	again, err := derive(ref, contentOf(entry))
	if err != nil || !reflect.DeepEqual(Pinned{Artifact: again}.Lock(nil), entry) {
		t.Errorf("locked, and derived again: %v", err)
	}
}

func fraud(f *testing.F) Reference {
	ref, err := ParseReference("kit://registry.example.com/models/fraud:v7")
	if err != nil {
		f.Fatal(err)
	}
	return ref
}

// FuzzManifest takes any bytes for a manifest, or an index, of a registry.
func FuzzManifest(f *testing.F) {
	const zero = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	for _, text := range []string{
		`{"config":{"mediaType":"` + configTypes[0] + `","digest":"` + string(DigestOf([]byte("{}"))) + `","size":2},"layers":[{"mediaType":"x","digest":"` + zero + `","size":-1}]}`,
		`{"manifests":[{"digest":"` + zero + `","platform":{"os":"linux"}}]}`, `{"config":null,"layers":null,"manifests":[{}]}`, `{"layers":[{"size":9223372036854775807},{"size":9223372036854775807}]}`,
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":{"digest":"` + zero + `"}}`, `[]`, `{"config":{"digest":"` + zero + `","Digest":"x"}}`,
	} {
		f.Add([]byte(text), []byte("{}"))
	}
	ref := fraud(f)
	f.Fuzz(func(t *testing.T, manifest, config []byte) {
		holds(t, ref, content{manifest: manifest, config: config})
		holds(t, ref, content{manifest: manifest})
	})
}

// FuzzConfig takes any bytes for a Kitfile, a ModelPack's config and an image's, under
// a manifest that fits.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		`{"package":{"name":"fraud","version":"1"},"model":{"name":"m","path":"a.onnx","framework":"sklearn","parts":[{"path":"b"}],"parameters":{"a":1e400}}}`,
		`{"model":{"path":"registry.example.com/models/base:v1"},"datasets":[{"path":"x","remotePath":"y"}],"code":[null]}`,
		`{"descriptor":{"name":"fraud","version":"1","licenses":["MIT"]},"config":{"format":"onnx","architecture":"transformer","paramSize":"8b"},"modelfs":{"type":"layers","diffIds":[]}}`,
		`{"config":{"Labels":{"org.opencontainers.image.version":"1"}},"architecture":"amd64","os":"linux"}`, `{"model":{"name":"\u0000\ud800"}}`, `{"package":{"license":["a"]}}`, "null", "",
	} {
		for kind := range configTypes {
			f.Add(kind, []byte(text))
		}
	}
	ref := fraud(f)
	f.Fuzz(func(t *testing.T, kind int, config []byte) {
		if kind < 0 || kind >= len(configTypes) {
			return
		}
		manifest, err := json.Marshal(map[string]any{
			"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
			"config": map[string]any{"mediaType": configTypes[kind], "digest": DigestOf(config), "size": len(config)},
			"layers": []any{map[string]any{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": DigestOf(nil), "size": 1}},
		})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, ref, content{manifest: manifest, config: config})
	})
}

// FuzzReference: what is a reference is one again as it is written, has a host and no
// way out of a repository, and its digest is one.
func FuzzReference(f *testing.F) {
	digest := DigestOf(nil)
	for _, text := range []string{
		"kit://registry.example.com/models/fraud:v7", "oci://127.0.0.1:5000/a@" + string(digest), "hf://acme/fraud@" + strings.Repeat("a", 40), "oci://[::1]:5000/a/b:c@" + string(digest),
		"oci://user:pass@host/a:b", "oci://a/../b:c", "oci://A/b:c", "s3://bucket/key", "oci://host", "kit://host/a:%2e%2e", "hf://a/b/../c", "oci://host/a\n:b", "://", "oci://docker.io/library/x:y",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := ParseReference(text)
		if err != nil {
			return
		}
		again, err := ParseReference(ref.String())
		if err != nil || !reflect.DeepEqual(again, ref) {
			t.Errorf("%q is read as %q: %v", text, ref, err)
		}
		if strings.ContainsAny(ref.Location(), "\n\r\t \x00\\%") || strings.Contains(ref.Location()+"/", "/../") || ref.Location() == "" {
			t.Errorf("%q is at %q", text, ref.Location())
		}
		if ref.Pinned() && ref.Scheme().isOCI() {
			if _, err := ParseDigest(fmt.Sprint(ref.digest)); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
