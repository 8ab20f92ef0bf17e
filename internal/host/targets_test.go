package host

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	aModel    = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: m}\nspec: {model: oci://r.example/m:v1}\n"
	aPlatform = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata: {name: p}\n"
)

func TestTargets(t *testing.T) {
	below := []Named{{"", true}}
	for name, tt := range map[string]struct {
		reason string
		named  []Named
		files  map[string]string
		want   []string
		notes  []string
	}{
		"plain": {
			"a directory with a model, and no other", below,
			map[string]string{"a/m.yaml": aModel, "b/c.yaml": configMap + "c\n", "c/d/m.yml": aModel, "e/m.json": aModel},
			[]string{"a", "c/d"}, nil,
		},
		"hidden": {
			"as build -R", below,
			map[string]string{".git/m.yaml": aModel, "a/.m.yaml": aModel}, nil, nil,
		},
		"base first": {
			"overlays are not to lock again what it locks, however they are called", below,
			map[string]string{
				"a/kustomization.yaml": "resources: [../z]", "z/kustomization.yaml": "resources: [m.yaml]", "z/m.yaml": aModel,
				"m/Kustomization": "components: [../k]", "k/kustomization.yml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [../z]",
			},
			[]string{"z base", "a", "m"}, nil,
		},
		"deprecated, generators, transformers": {
			"each may bring a model in", below,
			map[string]string{
				"a/kustomization.yaml": "bases: [../z]", "z/kustomization.yaml": "generators: [m.yaml]", "z/m.yaml": aModel,
				"t/kustomization.yaml": "transformers: [m.yaml]", "t/m.yaml": aModel,
				"i/kustomization.yaml": "transformers:\n- |\n  apiVersion: modelfn.dev/v1alpha1\n  kind: ModelDeployment\n",
			},
			[]string{"z base", "a", "i", "t"}, nil,
		},
		"no model": {
			"what a build refuses is no matter here", below,
			map[string]string{
				"a/kustomization.yaml": "helmCharts: [{name: x}]", "b/kustomization.yaml": "resources: [https://x.example/y]",
				"c/kustomization.yaml": "a: [", "d/e.yaml": "{{ if }}", "f/kustomization.yaml": "resources: [nowhere.yaml, /etc]",
			}, nil, nil,
		},
		"broken beside a model": {
			"the build says what is wrong; in silence the model would be lost", below,
			map[string]string{"a/kustomization.yaml": "resources: m.yaml: [", "a/m.yaml": aModel, "b/m.yaml": aModel + "---\n["},
			[]string{"a", "b"}, nil,
		},
		"listed one by one": {
			"the kustomization locks them; a file that it leaves out is locked where it is", below,
			map[string]string{
				"kustomization.yaml": "resources: [a/m.yaml, b/m.yaml]", "a/m.yaml": aModel, "b/m.yaml": aModel, "b/n.yaml": aModel,
			},
			[]string{".", "b"}, nil,
		},
		"link": {
			"it could lead anywhere", below,
			map[string]string{"a/m.yaml": aModel, "b": "-> a", "c": "-> a/m.yaml", "d": "-> nowhere"},
			[]string{"a"}, []string{"b is a symbolic link to a directory, and is not followed"},
		},
		"component": {
			"nothing here says what it becomes", below,
			map[string]string{"a/kustomization.yaml": "kind: Component\nresources: [m.yaml, ../b]", "a/m.yaml": aModel, "b/kustomization.yaml": "resources: [m.yaml]", "b/m.yaml": aModel},
			[]string{"b"}, []string{"a is a component that no kustomization here names: it is not locked by itself"},
		},
		"circle": {
			"each must say so, not leave it to the other", below,
			map[string]string{"a/kustomization.yaml": "resources: [../b, m.yaml]", "a/m.yaml": aModel, "b/kustomization.yaml": "resources: [../a]"},
			[]string{"b", "a"}, nil,
		},
		"named": {
			"each once, whatever is in it, bases first", []Named{{"b", false}, {"a", false}, {"a", true}, {"./b", false}},
			map[string]string{"a/kustomization.yaml": "resources: []", "b/kustomization.yaml": "resources: [../a]"},
			[]string{"a named base", "b named"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(tree(t, tt.files))
			targets, notes, findings := Targets(tt.named, ".")
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			var got []string
			for _, target := range targets {
				text := filepath.ToSlash(target.Dir)
				if !target.Found {
					text += " named"
				}
				if target.Base {
					text += " base"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTargetsOutside: what a kustomization reads out of the repository is not
// looked at. It may be a model: the build says what is wrong with it.
func TestTargetsOutside(t *testing.T) {
	t.Chdir(tree(t, map[string]string{
		"repo/a/kustomization.yaml": "resources: [../../outside]",
		"repo/b/kustomization.yaml": "-> ../../outside/kustomization.yaml",
		"repo/c/kustomization.yaml": "resources: [../d]", "repo/d/kustomization.yaml": "",
		"outside/c.yaml": configMap + "c\n", "outside/kustomization.yaml": "resources: [c.yaml]",
	}))
	targets, _, _ := Targets([]Named{{"repo", true}}, "repo")
	if len(targets) != 2 || targets[0].Dir != filepath.Join("repo", "a") || targets[1].Dir != filepath.Join("repo", "b") {
		t.Errorf("%v", targets)
	}
	for _, target := range targets {
		if len(target.reach.files) > 0 || len(target.reach.dirs) != 1 {
			t.Errorf("%s: it looked at %v, %v", target.Dir, target.reach.dirs, target.reach.files)
		}
	}
}

func TestNearestPlatform(t *testing.T) {
	t.Chdir(tree(t, map[string]string{
		"a/platform.yaml": aPlatform, "a/b/m.yaml": aModel, "c/platform.yaml": aPlatform, "c/d/platform.yaml": aPlatform, "c/d/m.yaml": aModel, "e/m.yaml": aModel,
	}))
	targets, _, _ := Targets([]Named{{".", true}}, "")
	got := map[string][]string{}
	for _, target := range targets {
		got[target.Dir] = target.around
	}
	want := map[string][]string{"a/b": {"a"}, "c/d": {"c/d"}, "e": {"a", "c", "c/d"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
