package generators

import (
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

const aDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// parts are pieces of URIs, good and bad: of all combinations some are pinned.
var (
	schemes = []string{"oci://", "kit://", "oci+native://", "hf://", "s3://", "gs://", "https://", "pvc://", "http://", "", "OCI://", "oci:/"}
	hosts   = []string{"registry.example.com", "localhost", "models", "127.0.0.1:5000", "a.example:443", "a.example:0", "A.example", "a.example.", "-a.example", "a..b", "user@a.example", "é.example", ""}
	paths   = []string{"", "/", "/a", "/a/", "/a/b", "/a//b", "/../b", "/./b", "/a/..", "/a/...", "/a__b", "/a--b", "/a._b", "/A", "/a.git", "/a%62", "/a?b", "/a b", "/x.core.windows.net"}
	ends    = []string{"", ":v1", "@" + aDigest, ":v1@" + aDigest, "@" + aDigest + "0", "@" + strings.ToUpper(aDigest), ":0123456789abcdef0123456789abcdef01234567", ":main", "\n", "@" + aDigest + "\n"}
)

func everyURI(each func(uri string)) {
	for _, s := range schemes {
		for _, h := range hosts {
			for _, p := range paths {
				for _, e := range ends {
					each(s + h + p + e)
				}
			}
		}
	}
}

// pinnedURIs are those that the baseline takes for pinned.
func pinnedURIs(t *testing.T, s *apiServer) (out []string) {
	t.Helper()
	everyURI(func(uri string) {
		if is, err := s.eval(t, isPinned("object"), map[string]any{"object": uri}); err == nil && is == true {
			out = append(out, uri)
		}
	})
	return out
}

// TestPinnedIsWhatParses: a URI is taken for pinned exactly when a lock or a
// rendered object could hold it.
func TestPinnedIsWhatParses(t *testing.T) {
	s, taken := newAPIServer(t), 0
	everyURI(func(uri string) {
		want := false
		if ref, err := artifact.ParseReference(uri); err == nil {
			switch ref.Scheme() {
			case artifact.OCI, artifact.Kit:
				want = ref.Pinned() && ref.Tag() == ""
			case "":
			default:
				_, err := artifact.Stated{}.Pin(t.Context(), ref)
				want = err == nil
			}
		}
		got, err := s.eval(t, isPinned("object"), map[string]any{"object": uri})
		if err != nil || got != want {
			t.Errorf("%q: %v, %v, want %t", uri, got, err, want)
		}
		if want {
			taken++
		}
	})
	if taken < 50 {
		t.Errorf("only %d were pinned", taken)
	}
}

// TestRulesMatchAsTheyDo: of a pinned URI the API server says what the trust policy
// says of where it is.
func TestRulesMatchAsTheyDo(t *testing.T) {
	s, admitted, refused := newAPIServer(t), 0, 0
	pinned := pinnedURIs(t, s)
	for _, globs := range [][]string{
		{"registry.example.com/a/*", "**"}, {"**"}, {"*/a/**", "localhost/**"}, {"registry.example.com/**/b"}, {"registry.example.com/a*b", "127.0.0.1:5000/*"},
		{"s3://**", "hf://*/a"}, {"hf://models/**", "hf://**", "gs://*.example/*"}, {"https://**/a", "pvc://models", "pvc://**"}, {"s3://models/*/b", "s3://*/a"},
	} {
		p := platformOf(t, orderedPlatform(globs))
		expression := isAdmitted(p, "object")
		for _, uri := range pinned {
			ref, err := artifact.ParseReference(uri)
			if err != nil {
				t.Fatal(err)
			}
			rule := p.Trust.Rule(ref.Location())
			want := rule != nil && (rule.UnsafeUnsigned || ref.Repository() != "")
			if got, err := s.eval(t, expression, map[string]any{"object": uri}); err != nil || got != want {
				t.Errorf("%q by %q: %v, %v, want %t", uri, globs, got, err, want)
			}
			if want {
				admitted++
			} else {
				refused++
			}
		}
	}
	if admitted < 100 || refused < 100 {
		t.Errorf("%d admitted, %d refused", admitted, refused)
	}
}

// orderedPlatform has a rule for each glob, every other one of which wants
// signatures.
func orderedPlatform(globs []string) string {
	out := "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata: {name: prod}\nspec:\n  trust:\n"
	for i, g := range globs {
		how := "unsafeUnsigned: true"
		if i%2 == 0 {
			how = "authorities: [{name: ci, keyless: {issuer: https://issuer.example.com, subject: https://example.com/ci}}]"
		}
		out += fmt.Sprintf("  - match: [%q]\n    %s\n", g, how)
	}
	return out
}

// TestNoRules: a platform that trusts nothing admits nothing.
func TestNoRules(t *testing.T) {
	if got := isAdmitted(&model.Platform{}, "object"); got != "[true, false][1]" {
		t.Error(got)
	}
}

// FuzzGlob: whatever glob a platform may have, the API server's expression is one,
// and matches what the glob does.
func FuzzGlob(f *testing.F) {
	for _, g := range append(hostile, "**", "a.example/**", "a.example/*'", `a.example/\E`, "a.example/[a-z]", "a.example/(a|b)", "a.example/$", "s3://a/*", "s3://a+b/c") {
		f.Add(g, "a.example/b")
	}
	s := newAPIServer(f)
	f.Fuzz(func(t *testing.T, glob, location string) {
		p := model.Platform{}
		policy, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{{Match: []string{glob}, UnsafeUnsigned: true}}})
		if len(errs) > 0 {
			return // a platform with it is refused
		}
		p.Trust = policy
		uri := "oci://" + location + "@" + aDigest
		if pinned, err := s.eval(t, isPinned("object"), map[string]any{"object": uri}); err != nil || pinned != true {
			uri, location = "oci://a.example/b@"+aDigest, "a.example/b"
		}
		want := p.Trust.Rule(location) != nil
		if got, err := s.eval(t, isAdmitted(&p, "object"), map[string]any{"object": uri}); err != nil || got != want {
			t.Errorf("%q by %q: %v, %v, want %t", uri, glob, got, err, want)
		}
	})
}
