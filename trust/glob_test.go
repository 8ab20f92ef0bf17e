package trust_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/trust"
)

func globPolicy(glob string) (trust.Policy, []v1alpha1.FieldError) {
	return trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{{
		Match: []string{glob}, Authorities: []v1alpha1.Authority{authority("release", release)},
	}}})
}

func TestGlobMatches(t *testing.T) {
	for name, test := range map[string]struct {
		glob     string
		yes, not []string
	}{
		"exact": {
			"registry.example.com/models/fraud",
			[]string{"registry.example.com/models/fraud"},
			[]string{
				"registry.example.com/models/fraud2", "registry.example.com/models/fraud/v7",
				"registry.example.com/models/frau", "registry.example.com/models",
				// The dot is a dot.
				"registryxexample.com/models/fraud",
			},
		},
		"one segment": {
			"registry.example.com/models/*",
			[]string{"registry.example.com/models/fraud", "registry.example.com/models/fraud-2"},
			[]string{"registry.example.com/models/team/fraud", "registry.example.com/models/", "registry.example.com/models2/fraud"},
		},
		"part of a segment": {
			"registry.example.com/models/fraud-*",
			[]string{"registry.example.com/models/fraud-eu"},
			[]string{"registry.example.com/models/fraud", "registry.example.com/models/fraud-", "registry.example.com/models/fraud-eu/x"},
		},
		"below": {
			"registry.example.com/models/**",
			[]string{"registry.example.com/models/fraud", "registry.example.com/models/team/fraud"},
			[]string{
				"registry.example.com/models", "registry.example.com/models2/fraud", "registry.example.com/modelsx",
				"registry.example.com/other/models/fraud", "x.registry.example.com/models/fraud",
			},
		},
		"between": {
			"registry.example.com/**/released",
			[]string{"registry.example.com/a/released", "registry.example.com/a/b/released"},
			[]string{"registry.example.com/released", "registry.example.com/a/released/b"},
		},
		"host": {
			"registry.example.com/**",
			[]string{"registry.example.com/fraud"},
			[]string{
				// The host is a prefix of these, or they of it.
				"registry.example.com.evil.example/fraud", "registry.example.company/fraud",
				"registry.example.co/fraud", "evil-registry.example.com/fraud",
				// Another port is another registry.
				"registry.example.com:5000/fraud", "registry.example.com:443/fraud",
				// What references refuse must not match either.
				"Registry.example.com/fraud", "registry.example.com./fraud",
			},
		},
		"port": {
			"registry.example.com:5000/**",
			[]string{"registry.example.com:5000/fraud"},
			[]string{"registry.example.com/fraud", "registry.example.com:50000/fraud", "registry.example.com:5001/fraud"},
		},
		"any host of a domain": {
			"*.example.com/models/*",
			[]string{"registry.example.com/models/fraud", "a.b.example.com/models/fraud"},
			[]string{
				"example.com/models/fraud", "evil.example/a.example.com/models/fraud",
				"registry.example.com.evil.example/models/fraud",
			},
		},
		"everything": {
			"**",
			[]string{"registry.example.com/fraud", "127.0.0.1:5000/a/b/c"},
			// A rule over registries says nothing about what has no digest.
			[]string{"hf://acme/fraud", "s3://models/fraud", "https://models.example.com/fraud", "pvc://claim"},
		},
		"hub": {
			"hf://acme/**",
			[]string{"hf://acme/fraud"},
			[]string{"hf://acme2/fraud", "hf://acme", "acme/fraud", "s3://acme/fraud", "hf://evil/acme/fraud"},
		},
		"bucket": {
			"s3://models/prod/**",
			[]string{"s3://models/prod/fraud", "s3://models/prod/a=1/b"},
			[]string{"s3://models/fraud", "s3://models2/prod/fraud", "gs://models/prod/fraud", "s3://x/models/prod/fraud"},
		},
		"claim": {
			"pvc://models",
			[]string{"pvc://models"},
			[]string{"pvc://models/fraud", "pvc://models2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy, errs := globPolicy(test.glob)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			for _, repository := range test.yes {
				if policy.Rule(repository) == nil {
					t.Errorf("%s does not match %s", test.glob, repository)
				}
			}
			for _, repository := range test.not {
				if policy.Rule(repository) != nil {
					t.Errorf("%s matches %s", test.glob, repository)
				}
			}
		})
	}
}

// TestGlobRefused: a glob that can never match what it seems to name is an
// error, for a rule that silently matches nothing leaves the next one to decide.
func TestGlobRefused(t *testing.T) {
	for name, test := range map[string]struct{ glob, want string }{
		"empty":              {"", "is no glob"},
		"scheme":             {"oci://registry.example.com/models/**", "without a scheme"},
		"other scheme":       {"ftp://acme/**", "is no glob"},
		"scheme, percent":    {"s3://models/%2e%2e/**", "is no glob"},
		"scheme, dot dot":    {"s3://models/../**", "is no glob"},
		"scheme, query":      {"https://models.example.com/a?b", "is no glob"},
		"scheme, crossing":   {"hf://acme**/x", "** stands for whole segments"},
		"upper case":         {"Registry.example.com/models/**", "in lower case"},
		"percent encoding":   {"registry.example.com/models%2f**", "is no glob"},
		"dot dot":            {"registry.example.com/models/../**", "is no glob"},
		"question mark":      {"registry.example.com/model?", "is no glob"},
		"class":              {"registry.example.com/[a-z]", "is no glob"},
		"braces":             {"registry.example.com/{a,b}", "is no glob"},
		"three stars":        {"registry.example.com/***", "is no glob"},
		"default port":       {"registry.example.com:443/models/**", "leave out the default port"},
		"host only":          {"registry.example.com", "write registry.example.com/**"},
		"star as host":       {"*", "names no repository"},
		"digest":             {"registry.example.com/models@sha256:abc", "is no glob"},
		"tag":                {"registry.example.com/models:v7", "is no glob"},
		"trailing slash":     {"registry.example.com/models/", "is no glob"},
		"space":              {"registry.example.com/models/** ", "is no glob"},
		"line break":         {"registry.example.com/models/**\n", "is no glob"},
		"confusable letter":  {"registry.ex\u0430mple.com/models/**", "is no glob"},
		"stars after host":   {"registry.example.com**/models", "whole segments"},
		"stars before host":  {"**.example.com/models", "whole segments"},
		"stars after prefix": {"registry.example.com/models**", "whole segments"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := globPolicy(test.glob)
			if len(errs) != 1 || errs[0].Path != "spec.trust[0].match[0]" || !strings.Contains(errs[0].Message, test.want) {
				t.Errorf("%q: %v, want one error about match[0] with %q", test.glob, errs, test.want)
			}
		})
	}
}

// FuzzGlob compares the compiled pattern with a matcher that goes by segments,
// for repositories that a reference can name.
func FuzzGlob(f *testing.F) {
	for _, glob := range []string{"registry.example.com/models/**", "*.example.com/*", "**", "a.b/**/c", "h:1/a*b", "REG/x", "a.b/%2e"} {
		f.Add(glob, "registry.example.com/models/fraud")
		f.Add(glob, "h:1/axb")
	}
	f.Fuzz(func(t *testing.T, glob, repository string) {
		policy, errs := globPolicy(glob)
		if len(errs) > 0 {
			return
		}
		ref, err := artifact.ParseReference("oci://" + repository + ":v1")
		if err != nil || ref.Repository() != repository {
			return
		}
		want := segments(strings.Split(glob, "/"), strings.Split(repository, "/"))
		if got := policy.Rule(repository) != nil; got != want {
			t.Errorf("%q matches %q: %t, by segments %t", glob, repository, got, want)
		}
	})
}

func segments(glob, text []string) bool {
	switch {
	case len(glob) == 0 || len(text) == 0:
		return len(glob) == len(text)
	case glob[0] == "**":
		return segments(glob[1:], text[1:]) || segments(glob, text[1:])
	default:
		return segment(glob[0], text[0]) && segments(glob[1:], text[1:])
	}
}

// segment matches one segment, in which * stands for at least one character.
func segment(glob, text string) bool {
	switch {
	case glob == "" || text == "":
		return glob == text
	case glob[0] == '*':
		return segment(glob[1:], text[1:]) || segment(glob, text[1:])
	default:
		return glob[0] == text[0] && segment(glob[1:], text[1:])
	}
}
