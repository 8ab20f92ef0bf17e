package trust_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	issuer     = "https://token.actions.githubusercontent.com"
	workflow   = "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main"
	sourceRepo = "https://github.com/acme/models"
)

var (
	local     = testsign.NewSigstore("local")
	foreign   = testsign.NewSigstore("foreign")
	train     = testsign.Identity{Issuer: issuer, Subject: workflow, SourceRepository: sourceRepo}
	alice     = testsign.Identity{Issuer: "https://accounts.example.com", Subject: "https://example.com/alice"}
	bob       = testsign.Identity{Issuer: "https://accounts.example.com", Subject: "https://example.com/bob"}
	logged    = local.Keyless(train)
	notBefore = testsign.Then.AddDate(0, 0, -1).Format("2006-01-02T15:04:05Z")
	notAfter  = testsign.Then.AddDate(0, 0, 1).Format("2006-01-02T15:04:05Z")
)

// certified is an authority that is exactly this identity.
func certified(name string, id testsign.Identity) v1alpha1.Authority {
	return v1alpha1.Authority{
		Name: name, TrustedRoot: local.TrustedRoot(),
		Keyless: &v1alpha1.Keyless{Issuer: id.Issuer, Subject: id.Subject, SourceRepository: id.SourceRepository},
	}
}

// matching is an authority of whoever matches.
func matching(name, pattern string) v1alpha1.Authority {
	a := certified(name, alice)
	a.Keyless.Subject, a.Keyless.SubjectRegExp = "", pattern
	return a
}

// loggedKey is a key whose signatures must be logged.
func loggedKey(name string, key testsign.Key) v1alpha1.Authority {
	a := authority(name, key)
	a.Tlog, a.TrustedRoot = v1alpha1.TlogRequired, local.TrustedRoot()
	return a
}

// signing changes how something is signed.
func signing(change func(*testsign.Logged)) testsign.Logged {
	l := logged
	change(&l)
	return l
}

// edited is JSON with one value changed; the path's parts are keys and indices.
func edited(t testing.TB, raw []byte, change func(any) any, path ...any) []byte {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(edit(tree, change, path))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func edit(value any, change func(any) any, path []any) any {
	if len(path) == 0 {
		return change(value)
	}
	switch key := path[0].(type) {
	case string:
		m := value.(map[string]any)
		m[key] = edit(m[key], change, path[1:])
	case int:
		l := value.([]any)
		l[key] = edit(l[key], change, path[1:])
	default:
		panic(fmt.Sprintf("%v is no key", key))
	}
	return value
}

// bundleWith is a bundle with one value changed.
func bundleWith(t testing.TB, e artifact.Evidence, change func(any) any, path ...any) artifact.Evidence {
	t.Helper()
	return artifact.Evidence{MediaType: e.MediaType, Data: edited(t, e.Data, change, path...)}
}

// annotated is a legacy signature with one value in the log's annotation
// changed.
func annotated(t testing.TB, e artifact.Evidence, change func(any) any, path ...any) artifact.Evidence {
	t.Helper()
	return bundleWith(t, e, func(v any) any {
		return string(edited(t, []byte(v.(string)), change, path...))
	}, "annotations", "dev.sigstore.cosign/bundle")
}

// flipped changes a bit in the middle of what is base64.
func flipped(v any) any {
	raw, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		panic(err)
	}
	raw[len(raw)/2] ^= 1
	return base64.StdEncoding.EncodeToString(raw)
}

// padded is the same in more bytes: smaller evidence is heard first.
func padded(e artifact.Evidence) artifact.Evidence {
	return artifact.Evidence{MediaType: e.MediaType, Data: append(slices.Clone(e.Data), strings.Repeat(" ", 100)...)}
}

// to puts another value.
func to(value any) func(any) any { return func(any) any { return value } }

// twice repeats a list's first item.
func twice(v any) any { return append(v.([]any), v.([]any)[0]) }

// material is what a bundle says beside its signature.
func material(t testing.TB, e artifact.Evidence) map[string]any {
	t.Helper()
	var b struct {
		VerificationMaterial map[string]any `json:"verificationMaterial"`
	}
	if err := json.Unmarshal(e.Data, &b); err != nil {
		t.Fatal(err)
	}
	return b.VerificationMaterial
}

// bundleEntry is a bundle's entry in the log.
func bundleEntry(t testing.TB, e artifact.Evidence) any {
	t.Helper()
	return material(t, e)["tlogEntries"].([]any)[0]
}

// annotation is what a log said about a legacy signature.
func annotation(t testing.TB, e artifact.Evidence) string {
	t.Helper()
	l, err := e.Legacy()
	if err != nil {
		t.Fatal(err)
	}
	return l.Annotations["dev.sigstore.cosign/bundle"]
}
