package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// tree writes files, by path, into a new directory. A content that begins with
// "-> " is a symbolic link, one that is "/" a directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch target, link := strings.CutPrefix(content, "-> "); {
		case link:
			err = os.Symlink(target, path)
		case content == "/":
			err = os.MkdirAll(path, 0o755)
		default:
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// summary is findings as "rule: message".
func summary(findings finding.List) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule+": "+f.Message)
	}
	return out
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "

func TestReadDirectory(t *testing.T) {
	for name, tt := range map[string]struct {
		reason    string
		files     map[string]string
		recursive bool
		want      []string
	}{
		"by file and document": {
			"each item knows where it stands",
			map[string]string{"b.yml": configMap + "b\n", "a.yaml": configMap + "a1\n---\n" + configMap + "a2\n"},
			false, []string{"a.yaml 0 a1", "a.yaml 1 a2", "b.yml 0 b"},
		},
		"other files": {
			"only YAML is read, and nothing hidden",
			map[string]string{"a.json": "{", "README.md": "#", ".hidden.yaml": "[", "b.yaml.bak": "["},
			false, nil,
		},
		"below": {
			"kubectl does not descend unasked either",
			map[string]string{"a.yaml": configMap + "a\n", "b/c.yaml": configMap + "c\n"},
			false, []string{"a.yaml 0 a"},
		},
		"recursive": {
			"paths are relative to the directory, hidden directories left out",
			map[string]string{"a.yaml": configMap + "a\n", "b/c/d.yaml": configMap + "d\n", ".git/e.yaml": "["},
			true, []string{"a.yaml 0 a", "b/c/d.yaml 0 d"},
		},
		"empty documents": {
			"comments and separators are no objects",
			map[string]string{"a.yaml": "# nothing\n---\n---\n" + configMap + "a\n---\n# end\n", "b.yaml": "", "c.yaml": "# only this\n"},
			false, []string{"a.yaml 0 a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, findings := readDirectory(tree(t, tt.files), tt.recursive, "", plainTexts())
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			var got []string
			for _, item := range c.items {
				got = append(got, item.GetAnnotation(pathAnnotation)+" "+item.GetAnnotation(indexAnnotation)+" "+item.GetName())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestReadDirectoryRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		reason    string
		files     map[string]string
		recursive bool
		want      string
	}{
		"broken":            {"an unreadable file may hold a model", map[string]string{"a.yaml": "a: ["}, false, "unreadable: "},
		"list":              {"no object", map[string]string{"a.yaml": "- a\n- b\n"}, false, "unreadable: "},
		"text":              {"no object", map[string]string{"a.yaml": "hello\n"}, false, "unreadable: "},
		"metadata is text":  {"it cannot be marked with its file", map[string]string{"a.yaml": "apiVersion: v1\nkind: A\nmetadata: x\n"}, false, "unreadable: "},
		"annotations list":  {"nor this", map[string]string{"a.yaml": "apiVersion: v1\nkind: A\nmetadata: {name: a, annotations: [x]}\n"}, false, "unreadable: "},
		"link":              {"it could lead out", map[string]string{"a.yaml": "-> b.txt", "b.txt": configMap + "b\n"}, false, "unreadable: is no regular file"},
		"dangling link":     {"a model that is gone", map[string]string{"a.yaml": "-> nowhere"}, false, "unreadable: is no regular file"},
		"link to directory": {"models in it would be lost in silence", map[string]string{"a": "-> b", "b/c.txt": ""}, true, "unreadable: is a symbolic link to a directory"},
		"kustomization":     {"its patches would be lost", map[string]string{"b/kustomization.yaml": "resources: []"}, true, "nested-kustomization: this directory is a kustomization"},
		"below":             {"the path says where", map[string]string{"b/c.yaml": "["}, true, "unreadable: "},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, tt.files)
			_, findings := readDirectory(root, tt.recursive, "", plainTexts())
			got := summary(findings)
			if len(got) != 1 || !strings.HasPrefix(got[0], tt.want) || findings[0].Fix == "" || findings[0].Resource.File == "" {
				t.Errorf("%s: got %q, want one finding %q with file and fix", tt.reason, got, tt.want)
			}
		})
	}
}

func TestIsKustomization(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"yaml":      {map[string]string{"kustomization.yaml": ""}, true},
		"yml":       {map[string]string{"kustomization.yml": ""}, true},
		"bare":      {map[string]string{"Kustomization": ""}, true},
		"other":     {map[string]string{"kustomize.yaml": ""}, false},
		"directory": {map[string]string{"kustomization.yaml": "/"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := IsKustomization(tree(t, tt.files)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzParseList: the same for what kustomize hands to a callback.
func FuzzParseList(f *testing.F) {
	const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
	for _, seed := range []string{
		head + "items:\n- apiVersion: modelfn.dev/v1alpha1\n  kind: ModelDeployment\n  metadata: {name: a}\n  spec: {model: x}\n",
		head + "items: [a]", head + "functionConfig: []", head + "results: x", "", "items: [",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rl, err := fn.Parse(raw)
		if err != nil {
			return
		}
		if _, err := collect(rl.ResourceList); err != nil {
			return
		}
		if _, err := (settings{}).render(t.Context(), rl); err == nil {
			_, _ = rl.Bytes()
		}
	})
}

// FuzzParseObjects: whatever a file holds, it is objects that can be marked,
// named, judged and printed, or an error.
func FuzzParseObjects(f *testing.F) {
	for _, seed := range []string{
		configMap + "a\n", "a: [", "- a", "text", "", "---\n---\n", "metadata: x", "kind: [A]", "? a\n: b",
		"apiVersion: v1\nkind: List\nitems: [{kind: A}, x]", "a: &a {b: *a}", "!!binary YQ==: b", "%YAML 1.2\n---\na: b",
		"apiVersion: 1\nkind: 2\nmetadata: {name: 3, namespace: 4, labels: {a: 1}, annotations: {b: [c]}}", "\x00", "a: b\n--- {c: d}",
		"metadata: &m {annotations: *n}\nx: &n {}", "metadata: null\nkind: A", "kind: A\nmetadata: {annotations: null}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		items, err := parseObjects(raw)
		if err != nil {
			return
		}
		for i, item := range items {
			if place(item, "a.yaml", i) != nil {
				return
			}
			_ = isOwnKind(item)
		}
		if unplace(emitted(items)) == nil {
			Gate(items, nil, nil, nil)
			stream{items: items}.yaml()
		}
	})
}
