package e2e_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/modelfn/modelfn/e2e/internal/registry"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestModelSigning: a signature over files counts for what the real kit packs of
// them, where it packs each as it is; what is in its archives nobody knows.
func TestModelSigning(t *testing.T) {
	server, err := registry.Start()
	w := newWorld(t, server, err)
	signer := testsign.ECDSA("release")
	signature := signer.ModelSignature(testsign.File{Path: "model.joblib", Content: "weights"}, testsign.File{Path: "docs/README.md", Content: "read me"})
	rule := map[string]any{
		"match":       []any{w.server.Host() + "/models/**"},
		"authorities": []any{map[string]any{"name": "release", "key": map[string]any{"pem": signer.PEM()}}},
	}
	folder := func(weights string, signed bool) fs.FS {
		files := fstest.MapFS{
			"model.joblib":   {Data: []byte(weights), Mode: 0o644},
			"docs/README.md": {Data: []byte("read me"), Mode: 0o644},
		}
		kitfile := "manifestVersion: 1.0.0\npackage: {name: fraud}\nmodel: {path: model.joblib, framework: sklearn}\ndocs: [{path: docs/README.md}"
		if signed {
			files["model.sig"] = &fstest.MapFile{Data: signature.Data, Mode: 0o644}
			kitfile += ", {path: model.sig}"
		}
		files["Kitfile"] = &fstest.MapFile{Data: []byte(kitfile + "]\n"), Mode: 0o644}
		return files
	}
	const archived = `cannot be shown without pulling the weights: layers[0] ("model.joblib", application/vnd.kitops.modelkit.model.v1.tar`
	for name, test := range map[string]struct {
		pack     packer
		files    fs.FS
		attached bool
		want     string // why it is refused
	}{
		"kit":      {w.publisher.RawKit, folder("weights", true), false, ""},
		"pack":     {w.publisher.RawPack, folder("weights", true), false, ""},
		"attached": {w.publisher.RawPack, folder("weights", false), true, ""},
		"changed":  {w.publisher.RawKit, folder("evil", true), false, `it signs other content of "model.joblib"`},
		"archives": {w.publisher.ModelKit, folder("weights", true), false, archived},
		"zipped":   {w.publisher.ZippedKit, folder("weights", true), false, archived + "+gzip"},
		"unsigned": {w.publisher.RawKit, folder("weights", false), false, "has no signature"},
	} {
		t.Run(name, func(t *testing.T) {
			kit, err := test.pack(t.Context(), "models/"+name+":v1", test.files)
			if err != nil {
				t.Fatal(err)
			}
			if test.attached {
				if err := w.publisher.Attach(t.Context(), kit, "model.sig", signature.MediaType, signature.Data); err != nil {
					t.Fatal(err)
				}
			}
			platform := w.platform(t, rule)
			platform["spec"].(map[string]any)["policy"] = map[string]any{"engine": "None"}
			uri := w.uri("kit://", "models/"+name+":v1")
			app := directory(t, platform, map[string]spec{"fraud": {"model": uri}})
			if test.want != "" {
				wantRefusal(t, w.run(t, app, "lock"), 1, test.want)
				return
			}
			w.lock(t, app)
			wantEvidence(t, readLock(t, app)[uri], signature.MediaType)
			if rendered := stdout(t, w.run(t, app, "build")); !strings.Contains(rendered, "storageUri: kit://"+kit.String()+"\n") {
				t.Errorf("no kit://%s in:\n%s", kit, rendered)
			}
			if got := w.unpacked(t, kit); got != "weights" {
				t.Errorf("kit unpacks %q, want what was signed", got)
			}
		})
	}
}
