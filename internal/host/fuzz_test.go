package host

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/types"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// kustomizations are seeds: what people write, and what they should not.
var kustomizations = []string{
	"resources:\n- fraud.yaml\n- modelfn.lock.yaml\ntransformers:\n- platform.yaml\n",
	"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\npatches:\n- patch: |\n    - op: replace\n      path: /a\n      value: \"\\x26\"\n  target: {kind: A}\n",
	"kind: Component\n", "transformers: x\n", "Transformers: [a]\n", "resources:\n  # last\n  - a.yaml # here\n", "resources: [a, b]\n", "resources: &a\n- x\ncomponents: *a\n", "",
	"transformers:\n- |\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: x}\n", "configMapGenerator:\n- name: a\n  files: [k=https://example.com/x, '=', 'a=']\n",
	"generators: ['\"']\nhelmCharts: [{name: a}]\n", "resources:\r\n- a\r\n", "resources: null\n", "- a\n", "\ufeffresources: []\n", "resources:\n- a\n---\nresources:\n- b\n", "openapi: {path: 1}\n",
}

// FuzzKustomization takes any text for a kustomization. What kustomize is given in its
// place is the same but for one transformer at the end.
func FuzzKustomization(f *testing.F) {
	for _, text := range kustomizations {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if endless(raw) != nil {
			return
		}
		text, err := inject(raw)
		if err != nil {
			return
		}
		if text, err = withOrigins(text); err != nil {
			return
		}
		var before, after types.Kustomization
		if err := yaml.Unmarshal(text, &after); err != nil {
			return // of another shape, which kustomize says
		}
		if n := len(after.Transformers); n == 0 || after.Transformers[n-1] != injectedFile {
			t.Fatalf("modelfn's is not the last: %q", after.Transformers)
		}
		if err := yaml.Unmarshal(raw, &before); err != nil {
			t.Fatalf("%q is none, and becomes %q", raw, text)
		}
		after.Transformers = after.Transformers[:len(after.Transformers)-1]
		if !slices.Equal(before.Transformers, after.Transformers) || !slices.Equal(before.Resources, after.Resources) || !reflect.DeepEqual(before.Patches, after.Patches) {
			t.Errorf("%q becomes %q", raw, text)
		}
	})
}

// FuzzSurvey looks at a directory with any text as its kustomization, and the same as
// what it may name: it ends, and says what is wrong on lines that can be printed.
func FuzzSurvey(f *testing.F) {
	for _, text := range kustomizations {
		f.Add([]byte(text))
	}
	f.Add([]byte("transformers: [platform.yaml]\napiVersion: x/v1\nkind: X\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: ./x}'}}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		for _, name := range []string{"kustomization.yaml", "platform.yaml", "fraud.yaml", "Kptfile", LockFile} {
			if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fs, err := newGuardedFS(dir, dir)
		if err != nil {
			t.Fatal(err)
		}
		_, locked := readLock(dir)
		findings := append(surveyTree(fs, dir, false).findings, locked...)
		findings = append(findings, Doctor(dir, dir, fn.Sources{}).Findings...)
		for _, found := range findings {
			if found.Rule == "" || found.Message == "" || found.Fix == "" || found.Severity == finding.Error && len(found.String()) > 6000+2*len(raw) {
				t.Errorf("%+v", found)
			}
			if strings.ContainsAny(found.String(), "\n\r\x00\x1b") {
				t.Errorf("%q", found)
			}
		}
	})
}

// FuzzListing lists the lock in any kustomization: what is written is what was there,
// line by line, and the lock.
func FuzzListing(f *testing.F) {
	for _, text := range kustomizations {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := kyaml.Parse(text)
		if err != nil || lists(k) {
			return
		}
		out, ok := withLine(text, k)
		if !ok {
			return
		}
		again, err := kyaml.Parse(out)
		if err != nil || !lists(again) {
			t.Fatalf("%v: %q", err, out)
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(out, strings.TrimSuffix(line, "\n")) {
				t.Errorf("%q is gone: %q", line, out)
			}
		}
		if more := len(out) - len(text); more < len(LockFile) || more > len(text)+len(LockFile)+4 {
			t.Errorf("%d bytes more: %q", more, out)
		}
	})
}

// FuzzLockText takes any text for a lock file that is written anew: a lock that stands
// in it is kept as it is written only if it still says the same there.
func FuzzLockText(f *testing.F) {
	for _, text := range []string{
		"# a\napiVersion: modelfn.dev/v1alpha1\nkind: ModelLock\nmetadata: {name: x}\nspec: {models: []}\n",
		"---\napiVersion: modelfn.dev/v1alpha1\nkind: ModelLock\nmetadata: {name: x}\nspec:\n  models:\n  - {uri: a, digest: b, version: \"...\"}\n...\n",
		"--- {apiVersion: modelfn.dev/v1alpha1, kind: ModelLock, metadata: {name: x}, spec: {models: []}}\n", "<<<<<<< ours\n=======\n>>>>>>> theirs\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		conflicted(raw)
		if joined := bytes.Join(documents(raw), nil); !bytes.Equal(joined, raw) {
			t.Errorf("%q is cut into %q", raw, joined)
		}
		for _, document := range documents(raw) {
			one := decodeLock(document)
			if one == nil {
				continue
			}
			if again := decodeLock([]byte(canonical(one))); again == nil || canonical(again) != canonical(one) {
				t.Errorf("written as %q", canonical(one))
			}
			if kept := body(document); kept != nil {
				if same := decodeLock(kept); same == nil || canonical(same) != canonical(one) {
					t.Errorf("%q is kept as %q", document, kept)
				}
			}
		}
	})
}
