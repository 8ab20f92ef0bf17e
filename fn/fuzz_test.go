package fn_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/fn"
)

var pinnedImage = regexp.MustCompile(`^registry\.example\.com/(images|tools)/[-._/a-z0-9]+@sha256:[a-f0-9]{64}$`)

var pinnedURI = regexp.MustCompile(`^(oci|kit)://registry\.example\.com/(models|images)/[a-z]+@sha256:[a-f0-9]{64}$`)

// FuzzResourceList hands the function whatever a host or a repository may hand
// it: it never panics, gives the same bytes twice, and serves nothing but
// pinned models of the repositories that the platform trusts. The platform is
// sealed, so that no input can choose another.
func FuzzResourceList(f *testing.F) {
	d := deployment("v7", canary)
	f.Add(list("", d, lockFor(f, d)))
	f.Add(list(platform(), d, lockFor(f, d)))
	f.Add(list("", deployment("unsigned"), lockFor(f, deployment("unsigned"))))
	f.Add(list("", deployment("v7", "predictor: {tolerations: [null, {key: ~}], affinity: {a: null, b: 1e400}}"), lockFor(f, deployment("v7"))))
	f.Add(list("", deployment("v7", `provenance: {a: "\u2028::error::\x00"}`), lockFor(f, deployment("v7"))))
	f.Add([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{apiVersion: a, kind: b, metadata: {name: [], annotations: 1}}]"))
	f.Add([]byte("kind: ResourceList\nitems: []\nresults: [{severity: 1}]"))
	f.Add([]byte("kind: ResourceList\nitems: [&a {kind: x, b: *a}]"))
	f.Add(list("", deployment("v7", beside(guard), around(proxy)), lockFor(f, deployment("v7", beside(guard), around(proxy)))))
	f.Add(list("", deployment("v7", "predictor: {containers: [null, {name: a, image: [], resources: {limits: {cpu: 1e400}}}]}"), lockFor(f, deployment("v7"))))
	cfg := fn.Config{Sources: fn.Sources{Flag: file(f, allowing())}}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, r, findings := fn.Run(t.Context(), in, cfg)
		again, _, _ := fn.Run(t.Context(), in, cfg)
		if !bytes.Equal(out, again) {
			t.Fatalf("two runs differ:\n%s\n%s", out, again)
		}
		if out == nil {
			if !findings.Refused() {
				t.Fatal("neither output nor a finding")
			}
			return
		}
		// Not by the SDK, which knows no `items:` without a value; that is given back as it came.
		rl, err := fn.Parse(out)
		if err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		if findings.Refused() && len(rl.Results) == 0 {
			t.Fatalf("refused without a result: %v", findings)
		}
		if findings.Refused() && len(r.Objects) > 0 && !strings.Contains(findings[0].Rule, "name-taken") {
			t.Fatalf("refused, and made %d objects: %v", len(r.Objects), findings)
		}
		for _, o := range r.Objects {
			item, err := krm.ParseKubeObject(o.YAML())
			if err != nil {
				t.Fatalf("%v:\n%s", err, o.YAML())
			}
			uri, found, err := item.NestedString("spec", "predictor", "model", "storageUri")
			if o.Kind == "InferenceService" && (!found || err != nil || !pinnedURI.MatchString(uri)) {
				t.Fatalf("serves %q, %v", uri, err)
			}
			for _, line := range strings.Split(string(o.YAML()), "\n") {
				_, image, found := strings.Cut(line, " image: ")
				if o.Kind == "InferenceService" && found && !pinnedImage.MatchString(strings.Trim(image, `"`)) {
					t.Fatalf("runs %q", image)
				}
			}
		}
	})
}
