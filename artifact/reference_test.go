package artifact_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
)

const digest = "sha256:8ffbab4b9418cebb37614a172fac4d2c4dcfa7adf2a899a0b26e0ec90626dba5"

func TestParseReference(t *testing.T) {
	for uri, want := range map[string]struct {
		repository string
		pinned     bool
	}{
		"oci://registry.example.com/models/fraud:v7":               {"registry.example.com/models/fraud", false},
		"kit://registry.example.com/models/fraud:v7":               {"registry.example.com/models/fraud", false},
		"kit://registry.example.com/fraud@" + digest:               {"registry.example.com/fraud", true},
		"kit://registry.example.com/fraud:v7@" + digest:            {"registry.example.com/fraud", true},
		"oci://127.0.0.1:5000/models/fraud:v7":                     {"127.0.0.1:5000/models/fraud", false},
		"oci://localhost/fraud:v7":                                 {"localhost/fraud", false},
		"oci://localhost:5000/fraud:v7":                            {"localhost:5000/fraud", false},
		"oci://registry:5000/fraud:v7":                             {"registry:5000/fraud", false},
		"oci://registry.example.com/a/b.c/d_e/f__g/h---i:V7_x.y-z": {"registry.example.com/a/b.c/d_e/f__g/h---i", false},
	} {
		t.Run(uri, func(t *testing.T) {
			ref, err := artifact.ParseReference(uri)
			if err != nil {
				t.Fatal(err)
			}
			if ref.Repository() != want.repository || ref.Pinned() != want.pinned || ref.String() != uri {
				t.Errorf("%q, pinned %t, %q", ref.Repository(), ref.Pinned(), ref)
			}
		})
	}
}

// TestParseReferenceRefuses: what names the same place under another text would
// slip past a trust rule or match a wrong one.
func TestParseReferenceRefuses(t *testing.T) {
	for name, test := range map[string]struct{ uri, want string }{
		"no scheme, no host":   {"fraud:v7", "it names no registry: write it in full, such as registry.example.com/fraud:v7"},
		"other scheme":         {"docker://registry.example.com/fraud:v7", `scheme "docker" is not supported: use oci://, kit://, hf://`},
		"native scheme":        {"oci+native://registry.example.com/fraud:v7", `scheme "oci+native" is not supported`},
		"upper-case scheme":    {"OCI://registry.example.com/fraud:v7", `scheme "OCI" is not supported`},
		"empty":                {"", "it names no registry"},
		"nothing after":        {"oci://", "it names no registry"},
		"too long":             {"oci://registry.example.com/" + strings.Repeat("a", 1024) + ":v7", "longer than 1024"},
		"no tag":               {"oci://registry.example.com/fraud", "neither tag nor digest"},
		"empty tag":            {"oci://registry.example.com/fraud:", `"" is no tag`},
		"tag with a slash":     {"oci://registry.example.com/fraud:v7/x", `"v7/x" is no tag`},
		"tag with a dash":      {"oci://registry.example.com/fraud:-v7", `"-v7" is no tag`},
		"long tag":             {"oci://registry.example.com/fraud:" + strings.Repeat("v", 129), "is no tag"},
		"short digest":         {"oci://registry.example.com/fraud@sha256:abc", "is no digest"},
		"upper-case digest":    {"oci://registry.example.com/fraud@" + strings.ToUpper(digest), "is no digest"},
		"other algorithm":      {"oci://registry.example.com/fraud@sha512:" + strings.Repeat("a", 128), "is no digest"},
		"two digests":          {"oci://registry.example.com/fraud@" + digest + "@" + digest, "is no digest"},
		"upper-case host":      {"oci://Registry.example.com/fraud:v7", "is no host"},
		"trailing dot":         {"oci://registry.example.com./fraud:v7", "is no host"},
		"short host":           {"oci://models/fraud:v7", `"models" is no host: write it in full`},
		"default port":         {"oci://registry.example.com:443/fraud:v7", "leave out the default port"},
		"padded port":          {"oci://registry.example.com:0443/fraud:v7", "is no host"},
		"no port":              {"oci://registry.example.com:/fraud:v7", "is no host"},
		"user":                 {"oci://user:password@registry.example.com/fraud:v7", "is no digest"},
		"IPv6":                 {"oci://[::1]:5000/fraud:v7", "is no host"},
		"underscore in host":   {"oci://registry_example.com/fraud:v7", "is no host"},
		"host only":            {"oci://registry.example.com:v7", "is no host"},
		"no path":              {"oci://registry.example.com/:v7", `"" is no repository path`},
		"upper-case path":      {"oci://registry.example.com/Fraud:v7", "is no repository path"},
		"dot dot":              {"oci://registry.example.com/models/../fraud:v7", "is no repository path"},
		"dot":                  {"oci://registry.example.com/models/./fraud:v7", "is no repository path"},
		"empty segment":        {"oci://registry.example.com/models//fraud:v7", "is no repository path"},
		"percent encoding":     {"oci://registry.example.com/models%2ffraud:v7", "is no repository path"},
		"query":                {"oci://registry.example.com/fraud?x:v7", "is no repository path"},
		"space":                {"oci://registry.example.com/fr aud:v7", "is no repository path"},
		"line break":           {"oci://registry.example.com/fraud:v7\n", "is no tag"},
		"NUL":                  {"oci://registry.example.com/fraud\x00:v7", "is no repository path"},
		"confusable letter":    {"oci://registry.ex\u0430mple.com/fraud:v7", "is no host"},
		"full-width full stop": {"oci://registry\uff0eexample.com/fraud:v7", "is no host"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := artifact.ParseReference(test.uri)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: %v, want %q", test.uri, err, test.want)
			}
		})
	}
}

func TestParseDigest(t *testing.T) {
	if got, err := artifact.ParseDigest(digest); err != nil || string(got) != digest || "sha256:"+got.Hex() != digest {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", "v7", digest[:70], digest + "0", digest + "\n", " " + digest, strings.ToUpper(digest), digest[7:]} {
		if got, err := artifact.ParseDigest(text); err == nil || got != "" {
			t.Errorf("%q became the digest %q", text, got)
		}
	}
}

// TestReferenceAt: fetching again what is locked asks for the digest, under the
// URI that the lock has.
func TestReferenceAt(t *testing.T) {
	ref := parse(t, uri).At(digest)
	if !ref.Pinned() || ref.String() != uri || parse(t, uri).Pinned() {
		t.Errorf("pinned %t, %s", ref.Pinned(), ref)
	}
}
