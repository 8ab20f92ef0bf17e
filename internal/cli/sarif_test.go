package cli

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
)

// TestAlikeFindings: two that are alike in all that makes an alert are two alerts.
func TestAlikeFindings(t *testing.T) {
	checkout, err := host.NewCheckout(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	alike := finding.Finding{Rule: "unknown-field", Severity: finding.Error, Field: "spec.x", Message: "one", Resource: finding.Resource{Name: "fraud"}}
	second, other := alike, alike
	second.Message, other.Field = "two", "spec.y"
	var out bytes.Buffer
	if err := printSARIF(&out, finding.List{alike, second, other}, checkout); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log.Runs[0].Results {
		got = append(got, r.Fingerprints[lineHash])
	}
	want := []string{fingerprint(alike) + ":1", fingerprint(alike) + ":2", fingerprint(other) + ":1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fingerprints (-want +got):\n%s", diff)
	}
}

func TestPlain(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":     {"spec.trust[0].key: want 2, got 1", "spec.trust[0].key: want 2, got 1"},
		"digest":      {"registry.example.com/m@sha256:00", "registry.example.com/m@sha256:00"},
		"link":        {"[a](b)", "[a]\u200b(b)"},
		"image":       {"![a][b]", "![a]\u200b[b]"},
		"reference":   {"[a]: b", "[a]\u200b: b"},
		"address":     {"HTTPS://a www.b WWW.b", "HTTPS:\u200b//a www\u200b.b WWW\u200b.b"},
		"mention":     {"@acme/admins a@b.c", "@\u200bacme/admins a@\u200bb.c"},
		"issue":       {"acme/models#1", "acme/models#\u200b1"},
		"element":     {"<img src=x> &lt;", "<\u200bimg src=x> &\u200blt;"},
		"placeholder": {"container: {image: x} {0}", "container: {image: x} {\u200b0}"},
		"control":     {"::error::\n", ":\u200b:error:\u200b:\\u000a"},
	} {
		if got := plain(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestRelativeURI(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.yaml": "a/b.yaml", "a b/ü%.yaml": "a%20b/%C3%BC%25.yaml", "c:d.yaml": "c%3Ad.yaml",
		"a?b#c": "a%3Fb%23c", "[x].yaml": "%5Bx%5D.yaml", "\xff": "%FF",
	} {
		if got := relativeURI(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}
