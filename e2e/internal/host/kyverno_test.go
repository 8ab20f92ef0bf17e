package host_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestKyverno shows that a policy may hold both signature formats, one for each
// digest, and that the CLI reaches both kinds of registry.
func TestKyverno(t *testing.T) {
	for kind, start := range map[string]func() (*registry.Server, error){
		"plain http":        func() (*registry.Server, error) { return registry.Start() },
		"without referrers": func() (*registry.Server, error) { return registry.Start(registry.WithoutReferrers()) },
		"named":             func() (*registry.Server, error) { return registry.StartNamed("registry.example.com") },
	} {
		t.Run(kind, func(t *testing.T) {
			server, err := start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			testKyverno(t, server)
		})
	}
}

func testKyverno(t *testing.T, server *registry.Server) {
	publisher := publish.New(server, t.TempDir())
	key, err := publisher.NewKey(t.Context(), "release")
	if err != nil {
		t.Fatal(err)
	}
	pem, err := key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	legacy, bundle, unsigned := pushKit(t, publisher, "legacy"), pushKit(t, publisher, "bundle"), pushKit(t, publisher, "unsigned")
	if err := publisher.SignLegacy(t.Context(), key, legacy); err != nil {
		t.Fatal(err)
	}
	if err := publisher.SignBundle(t.Context(), key, bundle); err != nil {
		t.Fatal(err)
	}
	policy := render(t, "policy.yaml", map[string]any{
		"Host": server.Host(), "PlainHTTP": server.PlainHTTP(), "Key": pem,
		"Legacy": legacy, "Bundle": bundle,
	})
	for reason, tt := range map[string]struct {
		uri    string
		want   host.Counts
		output string
	}{
		"a legacy signature":   {uri: legacy.String(), want: host.Counts{Pass: 1}},
		"a bundle":             {uri: bundle.String(), want: host.Counts{Pass: 1}},
		"no signature":         {uri: unsigned.String(), want: host.Counts{Fail: 1}, output: "not signed by release"},
		"a tag of a good one":  {uri: server.Host() + "/models/fraud:legacy", want: host.Counts{Fail: 1}, output: "does not have a digest"},
		"nothing to ask about": {uri: server.Host() + "/models/missing@" + legacy.DigestStr(), want: host.Counts{Error: 1}, output: "NAME_UNKNOWN"},
	} {
		t.Run(reason, func(t *testing.T) {
			resource := render(t, "inferenceservice.yaml", "kit://"+tt.uri)
			got, output := host.Kyverno(t, policy, resource, server.Env())
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want, +got:\n%s\n%s", diff, output)
			}
			if !strings.Contains(output, tt.output) {
				t.Errorf("output %q, want it to contain %q", output, tt.output)
			}
		})
	}
}

func pushKit(t *testing.T, publisher *publish.Publisher, version string) name.Digest {
	t.Helper()
	files, err := publish.Kit{Name: "fraud", Version: version, Framework: "sklearn", Path: "model.joblib", Model: []byte(version)}.Files()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := publisher.ModelKit(t.Context(), "models/fraud:"+version, files)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// render fills a template of testdata and returns the file it wrote.
func render(t *testing.T, file string, data any) string {
	t.Helper()
	tmpl, err := template.ParseFiles(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := tmpl.Execute(&content, data); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
