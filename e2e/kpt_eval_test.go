package e2e_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// TestKptEval: whatever way kpt is asked to run the function, the objects are those
// of build.
func TestKptEval(t *testing.T) {
	k := newKpt(t, "")
	build := stdout(t, host.Run(t, host.Command{Path: k.modelfn, Args: []string{"build", k.dir}}))
	want := parseObjects(t, build)
	out := filepath.Join(t.TempDir(), "out")
	for name, eval := range map[string]func(t *testing.T, k kpt) objects{
		"in place": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn))
			return readObjects(t, k.dir)
		},
		"with the platform": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "--fn-config", "platform.yaml"))
			return readObjects(t, k.dir)
		},
		"with arguments": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn+" fn --timeout 30s"))
			return readObjects(t, k.dir)
		},
		"into another directory": func(t *testing.T, k kpt) objects {
			stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", out))
			return readObjects(t, out)
		},
		"unwrapped": func(t *testing.T, k kpt) objects {
			unwrapped := stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", "unwrap"))
			if strings.Contains(unwrapped, "internal.config.kubernetes.io") {
				t.Errorf("kpt's own book is in the output:\n%s", unwrapped)
			}
			return parseObjects(t, unwrapped)
		},
		"wrapped, into a sink": func(t *testing.T, k kpt) objects {
			list := stdout(t, k.run(t, "eval", ".", "--exec", k.modelfn, "-o", "stdout"))
			sink := filepath.Join(t.TempDir(), "sink")
			stdout(t, host.Run(t, host.Command{Path: host.Peer(t, peer.Kpt), Args: []string{"fn", "sink", sink}, Stdin: list}))
			return readObjects(t, sink)
		},
		"from a source": func(t *testing.T, k kpt) objects {
			list := stdout(t, k.run(t, "source", "."))
			return parseObjects(t, strings.Join(items(t, stdout(t, host.Run(t, host.Command{Path: k.modelfn, Stdin: list}))), "---\n"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := eval(t, newKpt(t, ""))
			for _, o := range got {
				unmarked(o)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-build +kpt:\n%s", diff)
			}
		})
	}
	k.refused(t, "modelfn takes no settings by key and value", "eval", ".", "--exec", k.modelfn, "--", "platform=mine")
	k.refused(t, "function-config", "eval", ".", "--exec", k.modelfn, "--fn-config", "Kptfile")
}

// unmarked takes kpt's own book off an object that a list was read for.
func unmarked(o object) {
	metadata, _ := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for key := range annotations {
		if strings.HasPrefix(key, "internal.config.k") || strings.HasPrefix(key, "config.k8s.io/") || slices.Contains([]string{"config.kubernetes.io/path", "config.kubernetes.io/index"}, key) {
			delete(annotations, key)
		}
	}
}

// TestKptSelection: a function that sees a part of the package would verify a part,
// and generate again what it does not see. Nothing is deleted either.
func TestKptSelection(t *testing.T) {
	const reason = "error: partial-package: kpt hands over "
	k := newKpt(t, kptMutator)
	k.render(t)
	for name, selection := range map[string]string{
		"no lock":        "exclude: [{kind: ModelLock}]",
		"no platform":    "exclude: [{kind: ModelPlatform}]",
		"no model":       "exclude: [{kind: ModelDeployment}]",
		"not its own":    "exclude: [{kind: InferenceService}]",
		"its kinds only": "selectors: [{apiVersion: modelfn.dev/v1alpha1}]",
		"all":            "selectors: [{}]",
	} {
		t.Run(name, func(t *testing.T) {
			k.pipeline(t, ".", kptMutator+"    "+selection+"\n")
			k.refused(t, reason, "render", ".", "--allow-exec")
		})
	}
	k.pipeline(t, ".", "")
	for _, flags := range [][]string{{"--match-kind", "ModelDeployment"}, {"--exclude-kind", "ModelLock"}, {"--match-namespace", "ml-serving"}, {"--match-name", "fraud"}} {
		k.refused(t, reason, append([]string{"eval", ".", "--exec", k.modelfn}, flags...)...)
	}
}

// TestKptSubpackages: packages in packages, rendered by the outermost's function or
// by their own. What is generated goes beside its deployment.
func TestKptSubpackages(t *testing.T) {
	const named = "  name: fraud\n  namespace: ml-serving\n"
	nested := func(t *testing.T, outer string, inner map[string]string) kpt {
		k := newKpt(t, outer)
		for dir, pipeline := range inner {
			k.add(t, dir, "fraud.yaml", lockFile)
			k.pipeline(t, dir, pipeline)
			k.replace(t, dir+"/fraud.yaml", named, "  name: fraud\n  namespace: "+filepath.Base(dir)+"\n")
			lock := filepath.Join(k.dir, dir, lockFile)
			write(t, lock, strings.ReplaceAll(read(t, lock), "namespace: ml-serving", "namespace: "+filepath.Base(dir)))
		}
		return k
	}
	generated := func(files map[string]string) (out []string) {
		for path := range files {
			if strings.HasSuffix(path, ".modelfn.yaml") {
				out = append(out, path)
			}
		}
		slices.Sort(out)
		return out
	}
	for name, inner := range map[string]string{"by the outermost": "", "by each": kptMutator} {
		t.Run(name, func(t *testing.T) {
			k := nested(t, kptMutator, map[string]string{"one": inner, "one/below": inner, "two": inner})
			if inner != "" {
				for _, dir := range []string{"one", "one/below", "two"} {
					k.add(t, dir, "platform.yaml")
				}
			}
			first, _ := k.render(t)
			want := []string{"fraud.modelfn.yaml", "one/below/fraud.modelfn.yaml", "one/fraud.modelfn.yaml", "two/fraud.modelfn.yaml"}
			if diff := cmp.Diff(want, generated(first)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, path := range want[1:] {
				if namespace := filepath.Base(filepath.Dir(path)); strings.Count(first[path], "  namespace: "+namespace+"\n") != 3 {
					t.Errorf("%s is not all of namespace %s:\n%s", path, namespace, first[path])
				}
			}
			if again, _ := k.render(t); !cmp.Equal(first, again) {
				t.Errorf("-first +second:\n%s", cmp.Diff(first, again))
			}
		})
	}
	t.Run("two platforms", func(t *testing.T) {
		k := nested(t, kptMutator, map[string]string{"one": kptMutator})
		k.add(t, "one", "platform.yaml")
		k.replace(t, "one/platform.yaml", "required: [training-run-id]", "required: []")
		k.refused(t, "there are 2 ModelPlatforms", "render", ".", "--allow-exec")
	})
	t.Run("no platform", func(t *testing.T) {
		k := nested(t, "", map[string]string{"one": kptMutator})
		k.refused(t, "nothing says whom to trust", "render", ".", "--allow-exec")
	})
}
