package artifact_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const typeIndex = "application/vnd.oci.image.index.v1+json"

// TestIndexInAnIndexIsNotFollowed: whoever can push to a trusted repository could
// otherwise make a chain of any length.
func TestIndexInAnIndexIsNotFollowed(t *testing.T) {
	r := testsign.NewRegistry(t, true)
	image := testsign.Image("iris", "1", "onnx")
	r.Push(t, path, "image", image)
	inner := testsign.Index([]string{"linux/amd64"}, image)
	// The descriptor says image; the bytes are an index.
	outer := testsign.Index([]string{"linux/amd64"}, testsign.Model{Manifest: inner.Manifest})
	r.Manifest(t, path, string(inner.Digest()), typeIndex, inner.Manifest)
	r.Manifest(t, path, "v7", typeIndex, outer.Manifest)
	_, err := ask(t.Context(), t, r)
	if err == nil || !strings.Contains(err.Error(), "an index in an index is not supported") {
		t.Errorf("%v, want a refusal", err)
	}
	if n := asked(r, "/manifests/"); n != 2 {
		t.Errorf("%d manifests were fetched, want the index and one image", n)
	}
}

// TestListsAreBounded: an empty item takes three bytes of an answer and a hundred
// times as much in memory.
func TestListsAreBounded(t *testing.T) {
	many := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("{},", n), ",") + "]" }
	for name, test := range map[string]struct{ manifest, config string }{
		"layers":    {`{"config":{"digest":"` + digest + `"},"layers":` + many(2049) + `}`, "{}"},
		"manifests": {`{"manifests":` + many(2049) + `}`, ""},
		"code":      {"", `{"code":` + many(2049) + `}`},
		"datasets":  {"", `{"datasets":` + many(2049) + `}`},
		"parts":     {"", `{"model":{"parts":` + many(2049) + `}}`},
	} {
		entry := kit.Entry(uri)
		if test.config != "" && test.manifest == "" {
			m := testsign.KitRaw([]byte(test.config))
			entry = m.Entry(uri)
		} else {
			entry.Manifest = []byte(test.manifest)
			entry.Digest = string(artifact.DigestOf(entry.Manifest))
		}
		if _, err := pin(t, uri, entry); err == nil || !strings.Contains(err.Error(), "a list of more than 2048 items") {
			t.Errorf("%s: %v, want a refusal of the list", name, err)
		}
	}
}

// TestReferencesAreBounded: a kit may name 32 others, each by digest.
func TestReferencesAreBounded(t *testing.T) {
	data := func(n int) map[string]any {
		var list []map[string]any
		for i := range n {
			list = append(list, map[string]any{"remotePath": fmt.Sprintf("registry.example.com/data/d%d@%s", i, digest)})
		}
		return map[string]any{"datasets": list}
	}
	m := testsign.KitWith(data(33))
	if _, err := pin(t, uri, m.Entry(uri)); err == nil || !strings.Contains(err.Error(), "it refers to 33 other artifacts, at most 32 are followed") {
		t.Errorf("%v, want a refusal", err)
	}
	m = testsign.KitWith(data(32))
	entry := m.Entry(uri)
	for i := range 32 {
		entry.References = append(entry.References, fmt.Sprintf("kit://registry.example.com/data/d%d@%s", i, digest))
	}
	if got, err := pin(t, uri, entry); err != nil || len(got.References()) != 32 {
		t.Errorf("%d references, %v", len(got.References()), err)
	}
}

// TestTooManyImages: an index of 17 images is refused before any is fetched.
func TestTooManyImages(t *testing.T) {
	image := testsign.Image("iris", "1", "onnx")
	var platforms []string
	var images []testsign.Model
	for range 17 {
		platforms, images = append(platforms, "linux/amd64"), append(images, image)
	}
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "image", image)
	r.Manifest(t, path, "v7", typeIndex, testsign.Index(platforms, images...).Manifest)
	if _, err := ask(t.Context(), t, r); err == nil || !strings.Contains(err.Error(), "the index lists 17 images, 1 to 16 are supported") {
		t.Errorf("%v, want a refusal", err)
	}
	if n := len(r.Requests()); n != 2 {
		t.Errorf("%d requests, want the ping and the index", n)
	}
}

// TestLegacyKeepsWhatCosignWrites: what a stranger adds beside a valid signature
// reaches no lock.
func TestLegacyKeepsWhatCosignWrites(t *testing.T) {
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", kit)
	r.Attach(t, path, kit.Digest(), release.Legacy(r.Host+"/"+path, kit.Digest()))
	want, err := ask(t.Context(), t, r)
	if err != nil {
		t.Fatal(err)
	}
	sig := "/manifests/sha256-" + kit.Digest().Hex() + ".sig"
	r.Intercept(on(sig, func(w http.ResponseWriter, req *http.Request) bool {
		raw := r.Stored(t, req.URL.Path)
		raw = bytes.Replace(raw, []byte(`"annotations":{`), []byte(`"annotations":{"junk":"`+strings.Repeat("x", 1<<20)+`",`), 1)
		return body(raw)(w, req)
	}))
	got, err := ask(t.Context(), t, r)
	if err != nil || len(got.Evidence) != 1 || got.Evidence[0].Digest() != want.Evidence[0].Digest() {
		t.Errorf("%d pieces of evidence, %v; want the one without what was added", len(got.Evidence), err)
	}
	everything := testsign.NewSigstore("local").Keyless(testsign.Identity{Issuer: "https://accounts.example.com", Subject: "https://example.com/alice"})
	everything.Timestamped = true
	signed := everything.Legacy(repository, kit.Digest())
	if got, _, err = pushed(t, kit, signed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(digests([]artifact.Evidence{signed}), digests(got.Evidence)); diff != "" {
		t.Errorf("with certificate, chain, log entry and timestamp (-want +got):\n%s", diff)
	}
}

// TestLayerOfAnotherType: under .sig lie signatures, whatever else is there.
func TestLayerOfAnotherType(t *testing.T) {
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", kit)
	r.Attach(t, path, kit.Digest(), release.Legacy(r.Host+"/"+path, kit.Digest()))
	r.Intercept(on("/manifests/sha256-"+kit.Digest().Hex()+".sig", func(w http.ResponseWriter, req *http.Request) bool {
		raw := r.Stored(t, req.URL.Path)
		return body(bytes.Replace(raw, []byte("application/vnd.dev.cosign.simplesigning.v1+json"), []byte("application/vnd.dsse.envelope.v1+json"), 1))(w, req)
	}))
	if got, err := ask(t.Context(), t, r); err != nil || len(got.Evidence) > 0 {
		t.Errorf("%d pieces of evidence, %v; want none", len(got.Evidence), err)
	}
}

// TestEvidenceIsBounded: in all, and by what a bundle makes us verify.
func TestEvidenceIsBounded(t *testing.T) {
	bundle := func(padding int, entries int) artifact.Evidence {
		list := strings.TrimSuffix(strings.Repeat("{},", entries), ",")
		return artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte(`{"mediaType":"` + testsign.TypeBundle + `","verificationMaterial":{"tlogEntries":[` + list + `]}}` + strings.Repeat(" ", padding))}
	}
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", kit)
	r.Attach(t, path, kit.Digest(), bundle(0, 33), release.Bundle(kit.Digest()))
	got, err := ask(t.Context(), t, r)
	if err != nil || len(got.Evidence) != 1 {
		t.Errorf("%d pieces of evidence, %v; want the one with few entries", len(got.Evidence), err)
	}
	for i := range 5 {
		r.Attach(t, path, kit.Digest(), bundle(1<<20-200-i, 0))
	}
	if _, err := ask(t.Context(), t, r); err == nil || !strings.Contains(err.Error(), "of more than 4194304 bytes are attached to it") {
		t.Errorf("%v, want a refusal", err)
	}
}

// TestLegacyIsBounded as bundles are, one by one and together.
func TestLegacyIsBounded(t *testing.T) {
	legacy := func(n int, i int) artifact.Evidence {
		return testsign.LegacyWith(fmt.Appendf(bytes.Repeat([]byte(" "), n), "%d", i), "c2ln")
	}
	for name, test := range map[string]struct {
		reason         string
		pieces, length int
		want           string
	}{
		"one":      {"a lock holds it in base64", 1, 800 << 10, " bytes, at most 1048576 are read"},
		"together": {"what each adds up to", 6, 700 << 10, "of more than 4194304 bytes are attached to it"},
	} {
		t.Run(name, func(t *testing.T) {
			var evidence []artifact.Evidence
			for i := range test.pieces {
				evidence = append(evidence, legacy(test.length, i))
			}
			if _, _, err := pushed(t, kit, evidence...); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want %q", test.reason, err, test.want)
			}
		})
	}
}

// TestBundleEntriesAreBounded: of a bundle 32 things are verified, whichever
// (CVE-2024-45395: as many as it held).
func TestBundleEntriesAreBounded(t *testing.T) {
	const refusal = "a bundle of more than 32 signatures, log entries, timestamps and certificates"
	for name, test := range map[string]struct {
		entries, certificates, timestamps, signatures int
		want                                          string
	}{
		"entries":      {entries: 33, want: refusal},
		"certificates": {certificates: 33, want: refusal},
		"timestamps":   {timestamps: 33, want: refusal},
		"signatures":   {signatures: 33, want: refusal},
		"together":     {8, 8, 8, 9, refusal},
		"as many":      {8, 8, 8, 8, ""},
		"as many, one": {signatures: 32},
	} {
		t.Run(name, func(t *testing.T) {
			many := func(n int) string { return strings.TrimSuffix(strings.Repeat("{},", n), ",") }
			e := artifact.Evidence{MediaType: testsign.TypeBundle, Data: fmt.Appendf(nil,
				`{"mediaType":%q,"verificationMaterial":{"tlogEntries":[%s],"x509CertificateChain":{"certificates":[%s]},"timestampVerificationData":{"rfc3161Timestamps":[%s]}},"dsseEnvelope":{"signatures":[%s]}}`,
				testsign.TypeBundle, many(test.entries), many(test.certificates), many(test.timestamps), many(test.signatures))}
			_, err := pin(t, uri, kit.Entry(uri, e))
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestLongTextIsLeftOut: annotations of one object have 256 KiB in all.
func TestLongTextIsLeftOut(t *testing.T) {
	m := testsign.KitWith(map[string]any{"package": map[string]any{"name": strings.Repeat("x", 257), "version": strings.Repeat("1", 256)}})
	m.Summary.Version = strings.Repeat("1", 256)
	if _, err := pin(t, uri, m.Entry(uri)); err != nil {
		t.Error(err)
	}
}

// TestKitfileInAnnotationsOfAKit must not point elsewhere either.
func TestKitfileInAnnotationsOfAKit(t *testing.T) {
	m := kit
	m.Manifest = bytes.Replace(kit.Manifest, []byte(`"schemaVersion":2`), []byte(`"schemaVersion":2,"annotations":{"ml.kitops.modelkit.kitfile":"{\"model\":{\"path\":\"registry.example.com/models/base:v1\"}}"}`), 1)
	if _, err := pin(t, uri, m.Entry(uri)); err == nil || !strings.Contains(err.Error(), "model.path names another ModelKit by tag") {
		t.Errorf("%v, want a refusal", err)
	}
}
