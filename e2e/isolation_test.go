package e2e_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/watch"
)

const (
	// checkout is what Argo CD's plugin server unpacks: a repository, of which
	// appDir is the application.
	checkout = "/checkouts/repo"
	appDir   = checkout + "/apps/fraud"
)

// bait is in every file that no build may read.
const bait = "not for this repository"

// token is where Kubernetes puts the credentials of a pod.
const token = "/var/run/secrets/kubernetes.io/serviceaccount/token"

// baits are files outside of the checkout, or of another application in it.
var baits = []string{
	"/checkouts/secret.yaml", "/checkouts/other/kustomization.yaml", "/checkouts/other/secret.yaml",
	"/etc/passwd", "/proc/self/environ", token, checkout + "/apps/beside/values.env",
}

// jail is where a build is watched.
type jail struct {
	// dir holds a system with modelfn, a sealed platform, an application, the baits,
	// and nothing else.
	dir string
	// root is the program's: dir, or "/" when it sees the test's whole system as well.
	root string
}

func newJail(t *testing.T) jail {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	j := jail{dir, dir}
	j.write(t, "/modelfn", read(t, modelfn))
	if err := os.Chmod(j.at("/modelfn"), 0o755); err != nil {
		t.Fatal(err)
	}
	// The one thing of /proc that a build needs, and only a kustomization's: it runs
	// this program as its function.
	j.link(t, "/proc/self/exe", "/modelfn")
	if err := os.Mkdir(j.at("/tmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	j.write(t, "/etc/modelfn/platform.yaml", quickstart(t, "platform.yaml"))
	return j
}

// inTheOpen is the same application where the whole system can be seen.
func inTheOpen(j jail) jail { return jail{j.dir, "/"} }

func quickstart(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join("../examples/quickstart", name))
}

// at is a path of the jail, as the test sees it.
func (j jail) at(path string) string { return filepath.Join(j.dir, path) }

// seen is a path of the jail, as the program sees it.
func (j jail) seen(path string) string {
	if j.root == j.dir {
		return path
	}
	return j.at(path)
}

func (j jail) write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(j.at(path)), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, j.at(path), content)
}

func (j jail) link(t *testing.T, path, target string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(j.at(path)), 0o755), os.RemoveAll(j.at(path)), os.Symlink(target, j.at(path)))
	if err != nil {
		t.Fatal(err)
	}
}

// A file that is none, but a pipe without a writer or /dev/zero.
const (
	pipe   = "| p"
	device = "| c 1 5"
)

// special makes a pipe or a device. Of these only root may make the second.
func (j jail) special(t *testing.T, path, kind string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(j.at(path)), 0o755); err != nil {
		t.Fatal(err)
	}
	made := host.Run(t, host.Command{Path: "mknod", Args: append([]string{j.at(path)}, strings.Fields(kind)...)})
	if made.ExitCode != 0 {
		if kind == device && os.Getuid() != 0 {
			t.Skipf("only root makes a device: %s", made.Stderr)
		}
		t.Fatal(made.Stderr)
	}
}

// fill makes the checkout anew: the quickstart's model, the baits and, from the
// application's directory, these files. "-> target" is a symbolic link; an empty
// file is the quickstart's.
func (j jail) fill(t *testing.T, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(j.at("/checkouts")); err != nil {
		t.Fatal(err)
	}
	for _, path := range baits {
		j.write(t, path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: secret}\ndata: {secret: "+bait+"}\n")
	}
	j.write(t, "/checkouts/other/kustomization.yaml", "resources: [secret.yaml] # "+bait+"\n")
	for _, name := range []string{"fraud.yaml", "modelfn.lock.yaml"} {
		j.write(t, filepath.Join(appDir, name), quickstart(t, name))
	}
	for name, content := range files {
		path := filepath.Join(appDir, name)
		switch target, isLink := strings.CutPrefix(content, "-> "); {
		case isLink:
			j.link(t, path, target)
		case content == pipe, content == device:
			j.special(t, path, strings.TrimPrefix(content, "| "))
		case content == "":
			j.write(t, path, quickstart(t, filepath.Base(name)))
		default:
			j.write(t, path, content)
		}
	}
}

// build renders the application as the plugin does: without HOME or PATH.
func (j jail) build(t *testing.T, flags ...string) watch.Seen {
	t.Helper()
	args := []string{"build", "--require-sealed", "."}
	if j.root != j.dir {
		args = append(args, "--platform", j.seen("/etc/modelfn/platform.yaml"))
	}
	return watch.Run(t, watch.Command{
		Root: j.root, Path: j.seen("/modelfn"), Dir: j.seen(appDir), Args: append(args, flags...),
		Env: []string{"TMPDIR=" + j.seen("/tmp"), "ARGOCD_APP_SOURCE_PATH=apps/fraud"},
	})
}

// wantOnlyIts: a build succeeded, asked for no network, and for no file that is
// not the repository's, its own, or known. Of the repository it opened what is in the
// application's directory, and in those of the files that the application names.
func (j jail) wantOnlyIts(t *testing.T, seen watch.Seen, files map[string]string) {
	t.Helper()
	if seen.ExitCode != 0 {
		t.Fatalf("exit %d\n%s", seen.ExitCode, seen.Stderr)
	}
	if len(seen.Network) > 0 {
		t.Errorf("the network was asked for: %q", seen.Network)
	}
	for _, a := range seen.Files {
		if !j.expected(a) {
			t.Errorf("outside: %+v", a)
		}
	}
	own := []string{j.seen(appDir)}
	for name := range files {
		own = append(own, filepath.Dir(j.seen(filepath.Join(appDir, name))))
	}
	for _, path := range seen.Opened() {
		if below(path, j.seen(checkout)) && !slices.ContainsFunc(own, func(dir string) bool { return below(path, dir) }) {
			t.Errorf("of another application: %s", path)
		}
	}
	if want := j.seen("/etc/modelfn/platform.yaml"); !slices.Contains(seen.Opened(), want) {
		t.Errorf("%s was not opened: what was watched?\n%q", want, seen.Opened())
	}
}

// ofTheRuntime is what Go's runtime asks for before main: the size of huge pages,
// and how many processors the cgroup has.
var ofTheRuntime = regexp.MustCompile(`^/sys/kernel/mm/transparent_hugepage/hpage_pmd_size$|^/proc/self/(cgroup|mountinfo)$|^/sys/fs/cgroup/(.*/)?cpu\.(max|cfs_quota_us|cfs_period_us)$`)

// expected tells whether a build may ask for this.
func (j jail) expected(a watch.Access) bool {
	readOnly := a.Call == "openat" || a.Call == "newfstatat"
	switch path := a.Path; {
	case below(path, j.seen(checkout)):
		return readOnly || a.Call == "chdir" // of a function: kustomize starts it there
	case below(path, j.seen("/tmp")):
		return true
	case below(j.seen(appDir), path):
		// Where the directory is: each parent may be a link. Nothing in it is listed.
		return a.Call == "newfstatat"
	case path == j.seen("/modelfn"):
		// protobuf hashes the program that it is part of, kustomize runs it.
		return a.Call == "openat" || a.Call == "execve"
	case path == "/proc/self/exe":
		return a.Call == "readlinkat"
	case path == j.seen("/etc/modelfn/platform.yaml"), path == "/etc/modelfn/platform.yaml":
		return readOnly
	}
	return ofTheRuntime.MatchString(a.Path) && a.Call == "openat"
}

// below tells whether a path is the directory, or in it.
func below(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// harmless are the applications that a build is watched with.
var harmless = map[string]map[string]string{
	"a plain directory": {},
	"a kustomization": {
		"kustomization.yaml": "resources: [fraud.yaml, modelfn.lock.yaml]\nconfigMapGenerator:\n- {name: settings, files: [settings.txt]}\n",
		"settings.txt":       "colour: red",
	},
	"nested bases of the repository": {
		"kustomization.yaml":                   "resources: [../../base, settings]\nnamePrefix: eu-\n",
		"../../base/kustomization.yaml":        "resources: [models]\npatches: [{path: patch.yaml}]\n",
		"../../base/patch.yaml":                "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud, namespace: ml-serving}\nspec: {replicas: {min: 2}}\n",
		"settings/kustomization.yaml":          "configMapGenerator:\n- {name: settings, envs: [settings.env]}\n",
		"settings/settings.env":                "COLOUR=red\n",
		"../../base/models/kustomization.yaml": "resources: [fraud.yaml, modelfn.lock.yaml]\n",
		"../../base/models/fraud.yaml":         "",
		"../../base/models/modelfn.lock.yaml":  "",
	},
}

// TestBuildReadsNothingElse: what a build asks the kernel for is the repository,
// its own directory for temporary files, and itself; no network. It needs nothing
// else either: the same bytes come out where there is nothing else.
func TestBuildReadsNothingElse(t *testing.T) {
	j := newJail(t)
	for name, files := range harmless {
		t.Run(name, func(t *testing.T) {
			j.fill(t, files)
			jailed := j.build(t)
			j.wantOnlyIts(t, jailed, files)
			open := inTheOpen(j).build(t)
			inTheOpen(j).wantOnlyIts(t, open, files)
			if diff := cmp.Diff(open.Stdout, jailed.Stdout); diff != "" || !strings.Contains(open.Stdout, "kind: InferenceService") {
				t.Errorf("-in the open, +jailed:\n%s", diff)
			}
		})
	}
}

// hostile are applications that reach for a bait, and why they are refused. With
// reason "" they are not: what they say means nothing to a build.
var hostile = map[string]struct {
	files  map[string]string
	flags  []string
	reason string
}{
	"a linked file":               {map[string]string{"more.yaml": "-> ../../../secret.yaml"}, nil, "(more.yaml) is no regular file"},
	"a linked system file":        {map[string]string{"more.yaml": "-> /etc/passwd"}, nil, "is no regular file"},
	"a linked environment":        {map[string]string{"more.yaml": "-> /proc/self/environ"}, nil, "is no regular file"},
	"a linked token":              {map[string]string{"more.yaml": "-> " + token}, nil, "is no regular file"},
	"a linked lock":               {map[string]string{"modelfn.lock.yaml": "-> ../../../secret.yaml"}, nil, "is no regular file"},
	"a linked model":              {map[string]string{"fraud.yaml": "-> ../../../secret.yaml"}, nil, "is no regular file"},
	"a linked directory":          {map[string]string{"more": "-> ../../../other"}, nil, ""},
	"a linked directory, with -R": {map[string]string{"more": "-> ../../../other"}, []string{"-R"}, "is a symbolic link to a directory"},
	"a linked kustomization":      {map[string]string{"kustomization.yaml": "-> ../../../other/kustomization.yaml"}, nil, "leads out of the repository"},
	// A file, by each field of a kustomization that names one.
	"resources: a file outside":        {kustomization("resources: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"resources: an absolute path":      {kustomization("resources: [/etc/passwd]"), nil, "is an absolute path"},
	"resources: a directory outside":   {kustomization("resources: [../../../other]"), nil, "leads out of the repository"},
	"resources: a linked file":         {and(kustomization("resources: [more.yaml]"), "more.yaml", "-> ../../../secret.yaml"), nil, "leads out of the repository"},
	"resources: a linked directory":    {and(kustomization("resources: [more]"), "more", "-> ../../../other"), nil, "leads out of the repository"},
	"resources: below a linked one":    {and(kustomization("resources: [more/secret.yaml]"), "more", "-> ../../../other"), nil, "leads out of the repository"},
	"resources: a base that does so":   {and(kustomization("resources: [../../base]"), "../../base/kustomization.yaml", "resources: [../../secret.yaml]"), nil, "leads out of the repository"},
	"resources: a linked base":         {and(kustomization("resources: [../../base]"), "../../base", "-> ../other"), nil, "leads out of the repository"},
	"components":                       {kustomization("components: [../../../other]"), nil, "leads out of the repository"},
	"configurations":                   {kustomization("configurations: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"crds":                             {kustomization("crds: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"openapi":                          {kustomization("openapi: {path: ../../../secret.yaml}"), nil, "leads out of the repository"},
	"patches":                          {kustomization("patches: [{path: ../../../secret.yaml}]"), nil, "leads out of the repository"},
	"patchesStrategicMerge":            {kustomization("patchesStrategicMerge: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"patchesJson6902":                  {kustomization("patchesJson6902: [{path: ../../../secret.yaml, target: {version: v1, kind: ConfigMap, name: x}}]"), nil, "leads out of the repository"},
	"replacements":                     {kustomization("replacements: [{path: ../../../secret.yaml}]"), nil, "leads out of the repository"},
	"generators":                       {kustomization("generators: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"transformers":                     {kustomization("transformers: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"validators":                       {kustomization("validators: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"configMapGenerator: files":        {generates("files: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"configMapGenerator: a named file": {generates("files: [a=/etc/passwd]"), nil, "leads out of the repository"},
	"configMapGenerator: environment":  {generates("files: [a=/proc/self/environ]"), nil, "leads out of the repository"},
	"configMapGenerator: token":        {generates("files: [" + token + "]"), nil, "leads out of the repository"},
	"configMapGenerator: platform":     {generates("files: [/etc/modelfn/platform.yaml]"), nil, "leads out of the repository"},
	"configMapGenerator: envs":         {generates("envs: [../../../secret.yaml]"), nil, "leads out of the repository"},
	"configMapGenerator: env":          {generates("env: ../../../secret.yaml"), nil, "leads out of the repository"},
	"configMapGenerator: a link":       {and(generates("files: [more]"), "more", "-> /etc/passwd"), nil, "leads out of the repository"},
	"configMapGenerator: linked twice": {and(and(generates("files: [more]"), "more", "-> again"), "again", "-> /etc/passwd"), nil, "leads out of the repository"},
	"configMapGenerator: beside":       {generates("envs: [../beside/values.env]"), nil, "is not in or below"},
	"configMapGenerator: Git's":        {and(generates("files: [../../.git/config]"), "../../.git/config", bait), nil, "is Git's own"},
	"secretGenerator":                  {kustomization("secretGenerator: [{name: x, files: [/etc/passwd]}]"), nil, "leads out of the repository"},
	"a built-in generator":             {and(kustomization("generators: [more.yaml]"), "more.yaml", "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\nfiles: [/etc/passwd]\n"), nil, "leads out of the repository"},
	"a built-in patch":                 {and(kustomization("transformers: [more.yaml]"), "more.yaml", "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: ../../../secret.yaml\n"), nil, "leads out of the repository"},
	"a built-in replacement":           {and(kustomization("transformers: [more.yaml]"), "more.yaml", "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: x}\nreplacements: [{path: ../../../secret.yaml}]\n"), nil, "leads out of the repository"},
	"an inline generator":              {kustomization("generators:\n- |-\n  apiVersion: builtin\n  kind: SecretGenerator\n  metadata: {name: x}\n  files: [/etc/passwd]"), nil, "leads out of the repository"},
	"Helm's values":                    {kustomization("helmCharts: [{name: x, valuesFile: /etc/passwd}]"), nil, "build inflates no Helm charts"},
	// kustomize says which function to run, and this program answers in its place: it
	// starts no container, and takes no setting from the annotation.
	"a function's mount":       {function("ghcr.io/modelfn/modelfn", "mounts: [{type: bind, src: /checkouts, dst: /checkouts}]"), nil, "mount path '/checkouts' is not permitted"},
	"another function's mount": {function("ghcr.io/elsewhere/function", "mounts: [{type: bind, src: /checkouts, dst: /checkouts}]"), nil, "is the function image"},
	"a base of the repository": {and(kustomization("resources: [../../base]"), "../../base/kustomization.yaml", "namePrefix: x-"), []string{"--root", "."}, "leads out of the repository"},
	// What never ends is not opened: a build would hang.
	"a pipe":                       {map[string]string{"more.yaml": pipe}, nil, "(more.yaml) is no regular file"},
	"a device":                     {map[string]string{"more.yaml": device}, nil, "(more.yaml) is no regular file"},
	"a kustomization that is one":  {map[string]string{"kustomization.yaml": pipe}, nil, "(kustomization.yaml) is no regular file"},
	"resources: a pipe":            {and(kustomization("resources: [more.yaml]"), "more.yaml", pipe), nil, "is no regular file"},
	"resources: a base of a pipe":  {and(kustomization("resources: [more]"), "more/kustomization.yaml", pipe), nil, "is no regular file"},
	"transformers: a pipe":         {and(kustomization("transformers: [more.yaml]"), "more.yaml", pipe), nil, "is no regular file"},
	"patches: a pipe":              {and(kustomization("patches: [{path: more.yaml}]"), "more.yaml", pipe), nil, "is no regular file"},
	"configMapGenerator: a pipe":   {and(generates("files: [more]"), "more", pipe), nil, "is no regular file"},
	"configMapGenerator: a device": {and(generates("files: [more]"), "more", device), nil, "is no regular file"},
}

// function is a kustomization with a function of an image.
func function(image, asks string) map[string]string {
	return and(kustomization("transformers: [more.yaml]"), "more.yaml", `apiVersion: example.com/v1
kind: Anything
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      container:
        image: `+image+`
        `+asks+`
`)
}

// kustomization is one with the quickstart's model, and a field.
func kustomization(field string) map[string]string {
	const model = "fraud.yaml, modelfn.lock.yaml"
	if rest, ok := strings.CutPrefix(field, "resources: ["); ok {
		return map[string]string{"kustomization.yaml": "resources: [" + model + ", " + rest + "\n"}
	}
	return map[string]string{"kustomization.yaml": "resources: [" + model + "]\n" + field + "\n"}
}

// generates is a kustomization that makes a ConfigMap of files.
func generates(files string) map[string]string {
	return kustomization("configMapGenerator: [{name: x, " + files + "}]")
}

// and adds a file.
func and(files map[string]string, name, content string) map[string]string {
	files[name] = content
	return files
}

// TestBuildRefusesToReadOutside: whatever a repository asks for, the kernel is not
// asked to open it, and it is in no output.
func TestBuildRefusesToReadOutside(t *testing.T) {
	j := newJail(t)
	for name, tt := range hostile {
		t.Run(name, func(t *testing.T) {
			j.fill(t, tt.files)
			seen := j.build(t, tt.flags...)
			if tt.reason == "" {
				j.wantOnlyIts(t, seen, tt.files)
			} else if seen.ExitCode != 1 || seen.Stdout != "" || !strings.Contains(seen.Stderr, tt.reason) {
				t.Errorf("exit %d, want 1 and %q\n%s%s", seen.ExitCode, tt.reason, seen.Stdout, seen.Stderr)
			}
			for _, path := range seen.Opened() {
				if slices.Contains(baits, path) || path == checkout+"/.git/config" {
					t.Errorf("%s was opened", path)
				}
			}
			if strings.Contains(seen.Stdout+seen.Stderr, bait) {
				t.Errorf("the bait is in the output:\n%s%s", seen.Stdout, seen.Stderr)
			}
		})
	}
}
