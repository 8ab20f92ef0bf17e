package e2e_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// TestNested: a kit that refers to another by digest is locked with it, each by
// its own evidence, and what happens to tags later changes nothing: neither what
// is rendered, nor what the real kit then unpacks.
func TestNested(t *testing.T) {
	w, inner := nested(t)
	outer := w.tuned(t, "models/tuned:v1", inner.String())
	w.sign(t, legacy, outer)
	w.sign(t, bundle, inner)
	app := w.tunedApp(t, "models/tuned:v1")
	w.lock(t, app)

	entries := readLock(t, app)
	innerURI, outerURI := "kit://"+inner.String(), w.uri("kit://", "models/tuned:v1")
	if len(entries) != 2 || entries[outerURI].Digest != outer.DigestStr() || entries[innerURI].Digest != inner.DigestStr() {
		t.Fatalf("entries %v, want %s and %s", entries, outerURI, innerURI)
	}
	if diff := cmp.Diff([]string{innerURI}, entries[outerURI].References); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	wantEvidence(t, entries[outerURI], legacy.mediaType)
	wantEvidence(t, entries[innerURI], bundle.mediaType)

	file, rendered := read(t, filepath.Join(app, lockFile)), stdout(t, w.run(t, app, "build"))
	// Both tags move, to what is signed as well.
	second := w.base(t, "models/base:v1", "second")
	w.sign(t, legacy, second, w.tuned(t, "models/tuned:v1", second.String()))
	if diff := cmp.Diff(rendered, stdout(t, w.run(t, app, "build"))); diff != "" {
		t.Errorf("build changed with the tags (-before +after):\n%s", diff)
	}
	asked := len(w.server.Requests())
	w.lock(t, app)
	if read(t, filepath.Join(app, lockFile)) != file {
		t.Error("lock changed with the tags, without --update")
	}
	if more := w.server.Requests()[asked:]; len(more) > 0 {
		t.Errorf("lock asked the registry for what is locked: %q", more)
	}

	if !strings.Contains(rendered, "storageUri: kit://"+outer.String()+"\n") {
		t.Errorf("no kit://%s in:\n%s", outer, rendered)
	}
	if got := w.unpacked(t, outer); got != "first" {
		t.Errorf("kit unpacks %q, want the weights that were locked", got)
	}
	w.lock(t, app, "--update")
	if entries := readLock(t, app); len(entries) != 2 || entries["kit://"+second.String()].Digest == "" {
		t.Errorf("after --update: %v, want %s among them", entries, second)
	}
}

// TestNestedRefused: what the outer kit's digest does not pin, or nobody vouches
// for, is refused, whoever signed the outer kit.
func TestNestedRefused(t *testing.T) {
	w, unsigned := nested(t)
	elsewhere := w.base(t, "other/base:v1", "theirs")
	signed := w.base(t, "models/signed:v1", "ours")
	w.sign(t, legacy, elsewhere, signed)
	pack := w.pack(t, "models/foreign:v0", w.publisher.ModelPack, publish.Kit{Name: "base", Path: "model.joblib", Model: []byte("own")})
	_, err := w.publisher.Rewrite(t.Context(), pack, "v1", func(manifest map[string]any) {
		delete(manifest["annotations"].(map[string]any), publish.KitfileAnnotation)
		layer := manifest["layers"].([]any)[0].(map[string]any)
		layer["annotations"].(map[string]any)["org.cncf.model.filepath"] = w.uri("", "models/base:v1")
	})
	if err != nil {
		t.Fatal(err)
	}
	w.tuned(t, "models/on-unsigned:v1", unsigned.String())
	w.tuned(t, "models/on-other:v1", elsewhere.String())
	w.tuned(t, "models/by-tag:v1", w.uri("", "models/signed:v1"))
	w.pack(t, "models/pack-by-tag:v1", w.publisher.ModelPack, publish.Kit{Name: "tuned", Path: w.uri("", "models/signed:v1")})

	for path, reasons := range map[string][]string{
		"models/on-unsigned:v1": {"untrusted-model", "refers to another artifact: " + unsigned.String() + " has no signature"},
		"models/on-other:v1":    {"untrusted-model", "refers to another artifact", "no trust rule of the platform matches " + w.server.Host() + "/other/base"},
		"models/by-tag:v1":      {"refused-artifact", byTag, w.uri("", "models/signed:v1")},
		"models/pack-by-tag:v1": {"refused-artifact", byTag, w.uri("", "models/signed:v1")},
		"models/foreign:v1":     {"refused-artifact", `layers[0]: file "` + w.uri("", "models/base:v1") + `" reads like a reference to another ModelKit`},
	} {
		t.Run(path, func(t *testing.T) {
			w.sign(t, legacy, w.artifact(t, path).Digest)
			app := w.tunedApp(t, path)
			asked := len(w.server.Requests())
			wantRefusal(t, w.run(t, app, "lock"), 1, reasons...)
			if slices.ContainsFunc(w.server.Requests()[asked:], func(r string) bool { return strings.Contains(r, "/v2/other/") }) {
				t.Error("a repository that no rule names was asked")
			}
			wantNoLock(t, app)
		})
	}
	// Why: kit follows a tag from a digest that stays the same.
	adopting := w.artifact(t, "models/by-tag:v1").Digest
	w.base(t, "models/signed:v1", "moved")
	if got := w.unpacked(t, adopting); got != "moved" {
		t.Errorf("kit unpacks %q: it does not follow tags any more", got)
	}
}
