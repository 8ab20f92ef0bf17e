package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestRepository(t *testing.T) {
	for name, tt := range map[string]struct {
		reason string
		files  map[string]string
		source string // what Argo CD says
		want   string
	}{
		"git":                 {"the nearest parent with .git", map[string]string{".git": "/", "a/b/.git": "/", "a/b/c/d": "/"}, "", "a/b"},
		"worktree":            {".git is a file there", map[string]string{"a/.git": "gitdir: x", "a/b/c/d": "/"}, "", "a"},
		"none":                {"nothing above may be read", map[string]string{"a/b/c/d": "/"}, "", "a/b/c/d"},
		"Argo CD":             {"it may leave .git out", map[string]string{"a/b/c/d": "/"}, "b/c/d", "a"},
		"Argo CD, other":      {"a path that is not ours says nothing", map[string]string{"a/b/c/d": "/"}, "x/d", "a/b/c/d"},
		"Argo CD, root":       {"the root of the repository is its own bound", map[string]string{"a/b/c/d": "/"}, ".", "a/b/c/d"},
		"Argo CD, above":      {"others may have put a .git there", map[string]string{".git": "/", "a/b/c/d": "/"}, "c/d", "a/b"},
		"Argo CD, root above": {"others may have put a .git there", map[string]string{"a/.git": "/", "a/b/c/d": "/"}, ".", "a/b/c/d"},
		"Argo CD, git":        {"what was sent may be of several repositories", map[string]string{"a/b/c/.git": "/", "a/b/c/d": "/"}, "b/c/d", "a/b/c"},
		"Argo CD, up":         {"no way out by dots", map[string]string{"a/b/c/d": "/"}, "../../d", "a/b/c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ARGOCD_APP_SOURCE_PATH", tt.source)
			root := tree(t, tt.files)
			got, err := filepath.Rel(root, repository(filepath.Join(root, "a/b/c/d")))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.reason, got, tt.want)
			}
		})
	}
}

func TestGuardedFSRefuses(t *testing.T) {
	root := tree(t, map[string]string{
		"outside.yaml": "secret", "repo/kustomization.yaml": "", "repo-evil/file": "secret",
		"repo/link": "-> ../outside.yaml", "repo/up": "-> ..", "repo/own": "-> kustomization.yaml",
	})
	fs, err := newGuardedFS(filepath.Join(root, "repo"), filepath.Join(root, "repo"))
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"parent": "repo/../outside.yaml", "link": "repo/link", "through a linked directory": "repo/up/outside.yaml",
		"directory of a longer name": "repo-evil/file", "the system": "/etc/hostname",
	} {
		t.Run(name, func(t *testing.T) {
			if !filepath.IsAbs(path) {
				path = root + "/" + path
			}
			const want = "leads out of the repository"
			if _, err := fs.ReadFile(path); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("ReadFile: %v, want %s", err, want)
			}
			if _, err := fs.Open(path); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Open: %v, want %s", err, want)
			}
			if _, _, err := fs.CleanedAbs(path); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("CleanedAbs: %v, want %s", err, want)
			}
		})
	}
	if _, err := fs.ReadDir(root); err == nil || !strings.Contains(err.Error(), "leads out of the repository") {
		t.Errorf("ReadDir: %v", err)
	}
	if _, err := fs.ReadFile(filepath.Join(root, "repo", "own")); err != nil {
		t.Errorf("a link inside: %v", err)
	}
}

func TestInject(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want []any
	}{
		"none":  {"resources: [a.yaml]", []any{injectedFile}},
		"empty": {"", []any{injectedFile}},
		"null":  {"transformers:", []any{injectedFile}},
		"last":  {"transformers: [b.yaml, c.yaml]", []any{"b.yaml", "c.yaml", injectedFile}},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := inject([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := yaml.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got["transformers"]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestInjectRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"component":     {"kind: Component", "a component cannot be built by itself"},
		"text":          {"transformers: a.yaml", "transformers is no list"},
		"no map":        {"[]", "kustomization: "},
		"another case":  {"Transformers: [a.yaml]", `"Transformers" is spelled transformers`},
		"a long s":      {"tran\u017fformers: []", "is spelled transformers"},
		"duplicate key": {"transformers: [a.yaml]\ntransformers: []", "already set"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := inject([]byte(tt.in)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// TestEndless: kustomize would run out of stack, which nothing recovers from.
func TestEndless(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want string
	}{
		"itself":         {"data: &a {b: *a}", "contains itself"},
		"second":         {"a: b\n---\ndata: &a [*a]\n", "contains itself"},
		"inline patch":   {"patches:\n- patch: |\n    data: &a {b: *a}\n", "contains itself"},
		"in a flow text": {`{patch: "data: &a {b: *a}"}`, "contains itself"},
		"escaped patch":  {"patches:\n- patch: \"data: \\x26a {b: \\x2aa}\"\n", "contains itself"},
		"behind a key":   {"? [a]\n: b\ndata: &a [*a]\n", "contains itself"},
		"kyaml's cut":    {"a: b\n---#\ndata: &a [*a]\n", "contains itself"},
		"merged":         {"data: &a {<<: *a}\n", "contains itself"},
		"laughs":         {laughs(8), "excessive aliasing"},
		"a long way":     {"a0: &a0 []\n" + chain(20_000), "excessive aliasing"},
		"three deep":     {nested("data: &a {b: *a}", 3), "contains itself"},
		"hundred deep":   {nested("a: \\", 100), ""}, // looked at in several ways each, it would never end
		"aliases":        {"a: &a {b: c}\nd: *a\n", ""},
		"a few laughs":   {laughs(3), ""},
		"prose":          {"a & b * c", ""},
		"prose in YAML":  {"note: a & b * c\n", ""},
		"no YAML":        {"a: [ & *", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := endless([]byte(tt.in))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// nested is YAML in the text of YAML.
func nested(text string, levels int) string {
	for range levels {
		text = "a: |\n  " + strings.ReplaceAll(text, "\n", "\n  ")
	}
	return text
}

// laughs is a list of lists of lists, ten each.
func laughs(levels int) string {
	out := "a0: &a0 x\n"
	for i := 1; i <= levels; i++ {
		out += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return out
}

// chain is of lists that hold the one before.
func chain(n int) string {
	var out strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&out, "a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	return out.String()
}

// TestSurveyNewline: a text that is no object to kustomize is the name of a file.
func TestSurveyNewline(t *testing.T) {
	dir, name := t.TempDir(), "apiVersion: builtin\nkind: X\n"
	for name, text := range map[string]string{
		"kustomization.yaml": fmt.Sprintf("transformers: [%q]\n", name),
		name:                 "apiVersion: x/v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: 'exec: {path: ./x}'\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fs, err := newGuardedFS(dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	if findings := surveyTree(fs, dir, false).findings; len(findings) != 1 || findings[0].Rule != "exec-function" {
		t.Errorf("%v", findings)
	}
}
