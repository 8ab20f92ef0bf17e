package host

import (
	"testing"

	"github.com/modelfn/modelfn/internal/finding"
)

const twoDocuments = `# a comment
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
---
# nothing but this
---
apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata:
  name: prod
  annotations:
    config.kubernetes.io/function: |
      container: {image: x}
spec:
  trust:
  - match: [a/**]
    authorities:
    - name: ci
    - name: release
      key: &key
        pem: x
    - {name: third, key: *key}
`

func TestLines(t *testing.T) {
	platform := finding.Resource{Kind: "ModelPlatform", Name: "prod", Index: 1}
	for name, tt := range map[string]struct {
		reason   string
		text     string
		resource finding.Resource
		field    string
		want     int
	}{
		"field":        {"in a list of a list", twoDocuments, platform, "spec.trust[0].authorities[1].key", 21},
		"element":      {"an element has no key", twoDocuments, platform, "spec.trust[0].authorities[1]", 20},
		"flow":         {"on one line", twoDocuments, platform, "spec.trust[0].match[0]", 17},
		"alias":        {"it leads to where the text is", twoDocuments, platform, "spec.trust[0].authorities[2].key.pem", 22},
		"dots in keys": {"an annotation's key has dots", twoDocuments, platform, "metadata.annotations.config.kubernetes.io/function", 13},
		"missing":      {"the nearest around it", twoDocuments, platform, "spec.trust[0].authorities[1].keyless.issuer", 20},
		"beyond":       {"the list itself", twoDocuments, platform, "spec.trust[7].match", 16},
		"prefix":       {"spec.trustworthy is not spec.trust", twoDocuments, platform, "spec.trustworthy", 15},
		"no field":     {"the document's first line of content", twoDocuments, platform, "", 8},
		"renamed":      {"kustomize changes names, and keeps no index", twoDocuments, finding.Resource{Kind: "ModelPlatform", Name: "eu-prod"}, "spec.trust", 16},
		"other":        {"documents of comments do not count", twoDocuments, finding.Resource{Index: 1}, "spec.trust", 16},
		"first":        {"what is about the file", twoDocuments, finding.Resource{}, "", 2},
		"namesake": {
			"the namespace tells them apart", "kind: M\nmetadata: {name: a, namespace: x}\n---\nkind: M\nmetadata: {name: a, namespace: y}\n",
			finding.Resource{Kind: "M", Namespace: "y", Name: "a"}, "metadata.name", 5,
		},
		"broken":   {"no YAML", "a: [\n\n", finding.Resource{}, "a", 1},
		"empty":    {"nothing at all", "", finding.Resource{}, "a", 1},
		"circle":   {"an alias may lead back", "&a\nb: *a\n\"\": *a\n", finding.Resource{}, "b.b.b.b", 2},
		"other CR": {"YAML ends lines at NEL, others do not", "a: x\u0085b: y\u0085c: z\n", finding.Resource{}, "c", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ReadLines([]byte(tt.text)).Of(tt.resource, tt.field); got != tt.want {
				t.Errorf("%s: line %d, want %d", tt.reason, got, tt.want)
			}
		})
	}
}

// FuzzLines: whatever a file holds and whatever field is asked for, there is an
// answer, and the file has that line.
func FuzzLines(f *testing.F) {
	f.Add([]byte(twoDocuments), "spec.trust[0].authorities[1].key")
	f.Add([]byte("&a {\"\": *a}"), "[0][0]")
	f.Add([]byte("&a [*a, *a]"), "[0][1].[0]")
	f.Add([]byte("a: 1\r---\rb: 2"), "b")
	f.Add([]byte("--- |\n x\n...\n---\n!!binary x: {? [a] : b}"), ".")
	f.Fuzz(func(t *testing.T, raw []byte, field string) {
		lines := 1
		for i, c := range raw {
			if c == '\n' && i < len(raw)-1 {
				lines++
			}
		}
		for index := range 3 {
			for _, kind := range []string{"", "ModelPlatform"} {
				got := ReadLines(raw).Of(finding.Resource{Kind: kind, Index: index}, field)
				if got < 1 || got > lines {
					t.Fatalf("line %d of %d", got, lines)
				}
			}
		}
	})
}
