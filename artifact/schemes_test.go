package artifact_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// TestOtherSchemes: what trust rules match, what a verdict is about, and what
// KServe is told. None has a digest.
func TestOtherSchemes(t *testing.T) {
	for uri, want := range map[string]struct {
		location string
		kind     artifact.Kind
		revision string
	}{
		"hf://acme/fraud:" + commit:           {"hf://acme/fraud", artifact.HubModel, commit},
		"hf://Acme-AI/Fraud_v1.2:" + commit:   {"hf://Acme-AI/Fraud_v1.2", artifact.HubModel, commit},
		"s3://models/fraud/v7":                {"s3://models/fraud/v7", artifact.Storage, ""},
		"s3://models/fraud/v7/":               {"s3://models/fraud/v7", artifact.Storage, ""},
		"gs://my_models/a=1/b+c@d,e":          {"gs://my_models/a=1/b+c@d,e", artifact.Storage, ""},
		"https://models.example.com:8443/a.b": {"https://models.example.com:8443/a.b", artifact.Storage, ""},
		"pvc://claim":                         {"pvc://claim", artifact.Storage, ""},
		"pvc://claim/models/fraud":            {"pvc://claim/models/fraud", artifact.Storage, ""},
		// A hash in the path proves nothing.
		"s3://models/sha256-" + strings.Repeat("a", 64): {"s3://models/sha256-" + strings.Repeat("a", 64), artifact.Storage, ""},
	} {
		ref := parse(t, uri)
		got, err := artifact.Stated{}.Pin(t.Context(), ref)
		if err != nil {
			t.Errorf("%s: %v", uri, err)
			continue
		}
		if ref.Location() != want.location || ref.Repository() != "" || got.Kind() != want.kind || got.Revision() != want.revision {
			t.Errorf("%s: location %s, repository %q, %s, revision %q", uri, ref.Location(), ref.Repository(), got.Kind(), got.Revision())
		}
		if got.Digest() != "" || got.StorageURI() != uri || got.Identity() != uri || !got.Resolved() {
			t.Errorf("%s: digest %q, storage %s, identity %s", uri, got.Digest(), got.StorageURI(), got.Identity())
		}
	}
}

func TestOtherSchemesRefused(t *testing.T) {
	for uri, want := range map[string]string{
		"hf://acme":                                     `"acme" is no OWNER/MODEL`,
		"hf://acme/a/b":                                 "is no OWNER/MODEL",
		"hf://acme/../x:" + commit:                      "is no OWNER/MODEL",
		"hf://acme/%66raud:" + commit:                   "is no OWNER/MODEL",
		"hf://acme/fraud:a b":                           `"a b" is no revision`,
		"hf://acme/fraud:refs/pr/1":                     "is no revision",
		"s3://models":                                   "no path",
		"s3://Models/fraud":                             `"Models" is no bucket name`,
		"s3://a..b/fraud":                               "is no bucket name",
		"s3://models//fraud":                            `"" is no segment`,
		"s3://models/../other":                          `".." is no segment`,
		"s3://models/./fraud":                           `"." is no segment`,
		"s3://models/%2e%2e/other":                      "is no segment",
		"s3://models/fraud?versionId=1":                 "is no segment",
		"s3://models/fraud#x":                           "is no segment",
		"s3://key:secret@models/fraud":                  "is no bucket name",
		"https://user:secret@example.com/a":             "is no host",
		"https://example.com/a?token=secret":            "is no segment",
		"https://EXAMPLE.com/a":                         "is no host",
		"https://example.com:443/a":                     "leave out the default port",
		"https://example.com":                           "no path",
		"http://example.com/a":                          `scheme "http" is not supported`,
		"https://example.com/x.git":                     "looks like a Git repository",
		"https://example.com/x.git@v1/a":                "looks like a Git repository",
		"https://example.com/a.blob.core.windows.net/x": "Azure storage",
		"pvc://Claim/a":                                 "is no name of a PersistentVolumeClaim",
		"pvc://":                                        "is no name of a PersistentVolumeClaim",
		"oci+native://registry.example.com/a":           `scheme "oci+native" is not supported`,
		"file:///etc/passwd":                            `scheme "file" is not supported`,
		"://registry.example.com/fraud:v7":              "nothing before ://",
		"registry.example.com/fraud":                    "neither tag nor digest",
		"fraud:v7":                                      "it names no registry",
		"hf://acme/fraud:" + commit + "\n":              "is no revision",
		"s3://models/fraud\x00":                         "is no segment",
		"gs://models/fraud v7":                          "is no segment",
		"s3://models/" + strings.Repeat("a", 1024):      "longer than 1024",
	} {
		if _, err := artifact.ParseReference(uri); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", uri, err, want)
		}
	}
}

// TestBranchOfAHubMoves: the finding says how to find the commit.
func TestBranchOfAHubMoves(t *testing.T) {
	for uri, revision := range map[string]string{
		"hf://acme/fraud": "main", "hf://acme/fraud:main": "main", "hf://acme/fraud:v1.0": "v1.0",
		"hf://acme/fraud:" + commit[:39]:             commit[:39],
		"hf://acme/fraud:" + strings.ToUpper(commit): strings.ToUpper(commit),
	} {
		got, err := artifact.Stated{}.Pin(t.Context(), parse(t, uri))
		want := "`git ls-remote https://huggingface.co/acme/fraud " + revision + "` prints it"
		if err == nil || !strings.Contains(err.Error(), want) || got.Resolved() {
			t.Errorf("%s: %v, want %q", uri, err, want)
		}
	}
}

// TestWithoutScheme: registry/repository:tag is an OCI artifact of any kind.
func TestWithoutScheme(t *testing.T) {
	uri := repository + ":v7"
	got, err := pin(t, uri, kit.Entry(uri))
	if err != nil {
		t.Fatal(err)
	}
	if want := "kit://" + repository + "@" + string(kit.Digest()); got.StorageURI() != want || got.Reference().Repository() != repository {
		t.Errorf("%s in %s, want %s", got.StorageURI(), got.Reference().Repository(), want)
	}
}

// TestStatedKnowsNoRegistry: an OCI artifact is never taken at its word.
func TestStatedKnowsNoRegistry(t *testing.T) {
	if got, err := (artifact.Stated{}).Pin(t.Context(), parse(t, uri+"@"+digest)); err == nil || got.Resolved() {
		t.Errorf("%v", err)
	}
	lock := artifact.NewLocked(nil)
	routed := artifact.Routed{OCI: lock, Other: artifact.Stated{}}
	if _, err := routed.Pin(t.Context(), parse(t, uri)); err == nil || !strings.Contains(err.Error(), "not in the lock") {
		t.Errorf("%v", err)
	}
	if _, err := routed.Pin(t.Context(), parse(t, "s3://models/fraud")); err != nil {
		t.Error(err)
	}
}
