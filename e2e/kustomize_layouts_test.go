package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// repo is a repository of kustomizations with the quickstart's models, whose locks are
// committed. The function runs as a program in stock kustomize; build takes that for
// the image.
type repo struct {
	dir, modelfn string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	r := repo{t.TempDir(), modelfn}
	r.write(t, ".git/HEAD", "")
	return r
}

func (r repo) write(t *testing.T, path, text string) {
	t.Helper()
	path = filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, path, text)
}

// model writes the quickstart's model under a name, with its lock.
func (r repo) model(t *testing.T, dir, name string) {
	t.Helper()
	of := func(file string) string { return read(t, filepath.Join("..", "examples", "quickstart", file)) }
	r.write(t, dir+"/fraud.yaml", strings.Replace(of("fraud.yaml"), "name: fraud", "name: "+name, 1))
	r.write(t, dir+"/"+lockFile, strings.ReplaceAll(of(lockFile), "name: fraud-", "name: "+name+"-"))
}

// platform writes the quickstart's, as a function that a program or an image is.
func (r repo) platform(t *testing.T, dir, function string) {
	t.Helper()
	const image = "container:\n        image: ghcr.io/modelfn/modelfn:v0.1.0"
	text := read(t, filepath.Join("..", "examples", "quickstart", "platform.yaml"))
	if !strings.Contains(text, image) {
		t.Fatalf("no function in:\n%s", text)
	}
	r.write(t, dir+"/platform.yaml", strings.Replace(text, image, function, 1))
}

// same is what comes of dir, in stock kustomize as in build, and doctor has nothing
// against it. platforms are the directories with a function.
func (r repo) same(t *testing.T, dir string, platforms ...string) objects {
	t.Helper()
	for _, p := range platforms {
		r.platform(t, p, "exec: {path: "+r.modelfn+"}")
	}
	stock := parseObjects(t, stdout(t, host.Kustomize(t, filepath.Join(r.dir, dir), plugins, programs)))
	for _, p := range platforms {
		r.platform(t, p, ourImage)
	}
	built := parseObjects(t, stdout(t, r.run(t, "build", filepath.Join(r.dir, dir))))
	if diff := cmp.Diff(built, stock); diff != "" {
		t.Errorf("-build +kustomize:\n%s", diff)
	}
	if result := r.run(t, "doctor", filepath.Join(r.dir, dir)); result.ExitCode != 0 || strings.Contains(result.Stderr, "not-expanded") || strings.Contains(result.Stderr, "late-") {
		t.Errorf("doctor: exit %d\n%s", result.ExitCode, result.Stderr)
	}
	return built
}

func (r repo) run(t *testing.T, args ...string) host.Result {
	t.Helper()
	return host.Run(t, host.Command{Path: r.modelfn, Args: args})
}

func (r repo) edit(t *testing.T, dir string, args ...string) {
	t.Helper()
	stdout(t, host.Run(t, host.Command{Path: host.Peer(t, peer.Kustomize), Args: append([]string{"edit"}, args...), Dir: filepath.Join(r.dir, dir)}))
}

// TestKustomizeEdit: a kustomization that kustomize's own editor wrote.
func TestKustomizeEdit(t *testing.T) {
	r := newRepo(t)
	r.model(t, "app", "fraud")
	r.platform(t, "app", ourImage)
	r.write(t, "app/kustomization.yaml", "")
	r.edit(t, "app", "add", "resource", "fraud.yaml", lockFile)
	r.edit(t, "app", "add", "transformer", "platform.yaml")
	want := []string{"ConfigMap ml-serving/modelfn-fraud", "InferenceService ml-serving/fraud", "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"}
	if diff := cmp.Diff(want, ids(r.same(t, "app", "app"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, args := range [][]string{
		{"set", "nameprefix", "--", "eu-"}, {"set", "namesuffix", "--", "-x"}, {"set", "namespace", "elsewhere"},
		{"add", "label", "team:risk"}, {"set", "annotation", "owner:risk"},
		{"add", "configmap", "settings", "--from-literal=a=b"},
		{"add", "patch", "--kind", "ModelDeployment", "--patch", "- {op: replace, path: /spec/replicas/max, value: 7}"},
	} {
		r.edit(t, "app", args...)
	}
	all := r.same(t, "app", "app")
	service := all["InferenceService elsewhere/eu-fraud-x"]
	if len(all) != 4 || service == nil || !strings.Contains(toYAML(t, service), "maxReplicas: 7") {
		t.Errorf("objects %v:\n%v", ids(all), service)
	}
}

// TestKustomizeBases: an overlay over bases that have each their own lock; a base over
// a base; a component that brings the function.
func TestKustomizeBases(t *testing.T) {
	const base = "resources: [fraud.yaml, " + lockFile + "]\n"
	r := newRepo(t)
	for _, name := range []string{"fraud", "toy", "bear"} {
		r.model(t, name, name)
		r.write(t, name+"/kustomization.yaml", base)
	}
	r.write(t, "toy/kustomization.yaml", strings.Replace(base, "[", "[../bear, ", 1)+"nameSuffix: -v2\n")
	bases := r.dir
	for name, overlay := range map[string]struct {
		files     map[string]string
		platforms []string
		want      []string
	}{
		"overlay": {
			files:     map[string]string{"overlay/kustomization.yaml": "resources: [../fraud, ../toy]\nnamePrefix: eu-\ncommonLabels: {team: risk}\ntransformers: [platform.yaml]\n"},
			platforms: []string{"overlay"}, want: []string{"eu-bear-v2", "eu-fraud", "eu-toy-v2"},
		},
		"component": {
			files: map[string]string{
				"overlay/kustomization.yaml":   "resources: [../fraud, ../toy]\ncomponents: [../component]\n",
				"component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamespace: elsewhere\nlabels: [{pairs: {team: risk}}]\ntransformers: [platform.yaml]\n",
			},
			platforms: []string{"component"}, want: []string{"bear-v2", "fraud", "toy-v2"},
		},
		"each base by itself": {
			files: map[string]string{
				"overlay/kustomization.yaml": "resources: [../one, ../two]\nlabels: [{pairs: {team: risk}}]\n",
				"one/kustomization.yaml":     "resources: [../fraud]\nnamespace: one\ntransformers: [platform.yaml]\n",
				"two/kustomization.yaml":     "resources: [../toy]\nnamespace: two\nnamePrefix: eu-\ntransformers: [platform.yaml]\n",
			},
			platforms: []string{"one", "two"}, want: []string{"eu-bear-v2", "eu-toy-v2", "fraud"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := repo{t.TempDir(), r.modelfn}
			if err := os.CopyFS(r.dir, os.DirFS(bases)); err != nil {
				t.Fatal(err)
			}
			for path, text := range overlay.files {
				r.write(t, path, text)
			}
			var served []string
			for _, o := range r.same(t, "overlay", overlay.platforms...) {
				if o["kind"] == "InferenceService" {
					served = append(served, o["metadata"].(map[string]any)["name"].(string))
				}
			}
			slices.Sort(served)
			if diff := cmp.Diff(overlay.want, served); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestKustomizeLeavesForeign: what is none of modelfn's comes out of kustomize as it
// does when the function is cat.
func TestKustomizeLeavesForeign(t *testing.T) {
	r := newRepo(t)
	r.model(t, "app", "fraud")
	resources := "resources:\n- fraud.yaml\n- " + lockFile + "\n"
	for _, path := range slices.Sorted(maps.Keys(foreignYAML)) {
		r.write(t, "app/"+path, foreignYAML[path])
		resources += "- " + path + "\n"
	}
	r.write(t, "app/kustomization.yaml", resources+"transformers: [platform.yaml]\n")
	foreign := func(program string) (out []string, made bool) {
		r.platform(t, "app", "exec: {path: "+program+"}")
		for _, document := range documents(stdout(t, host.Kustomize(t, filepath.Join(r.dir, "app"), plugins, programs))) {
			switch {
			case strings.Contains(document, "managed-by: modelfn"):
				made = true
			case !strings.Contains(document, "apiVersion: modelfn.dev/"):
				out = append(out, strings.Trim(document, "\n"))
			}
		}
		return out, made
	}
	want, none := foreign("cat")
	got, made := foreign(r.modelfn)
	if none || !made || len(want) != 5 {
		t.Fatalf("made by cat: %t, by modelfn: %t; %d foreign objects", none, made, len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-cat +modelfn:\n%s", diff)
	}
}
