package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/fn/runtime/runtimeutil"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/finding"
)

// survey reads the tree of kustomizations before kustomize does, for what
// kustomize would fetch, run, or silently skip: remote resources, exec
// functions, other images, legacy plugins, charts.
type survey struct {
	fs guardedFS
	// seen are directories by evaluated path and role: links to a parent would
	// make paths without end.
	seen     map[visit]bool
	findings finding.List
	// skipExec tolerates exec functions configured by modelfn's own kinds.
	skipExec bool
	skipped  krm.KubeObjects
	// plugins are the directories that configurations of plugins are assembled from.
	plugins []string
}

// visit is a directory as what it is read: its resources are objects, or the
// configurations of plugins.
type visit struct {
	dir    string
	plugin bool
}

// surveyTree is the survey of the kustomization in dir.
func surveyTree(fs guardedFS, dir string, skipExec bool) survey {
	s := survey{fs: fs, seen: map[visit]bool{}, skipExec: skipExec}
	s.directory(dir, false)
	return s
}

func (s *survey) refuse(rule, file, message, fix string) {
	s.findings = append(s.findings, finding.Finding{
		Rule: rule, Severity: finding.Error, Resource: finding.Resource{Kind: types.KustomizationKind, File: file},
		Message: message, Fix: fix,
	})
}

func (s *survey) directory(dir string, plugin bool) {
	abs, err := evaluate(dir)
	if err != nil || s.seen[visit{abs, plugin}] {
		return
	}
	s.seen[visit{abs, plugin}] = true
	file := filepath.Join(abs, kustomizationFile(abs))
	if err := s.fs.check(file); err != nil {
		s.outside(dir, err.Error())
		return
	}
	raw, err := readText(file, s.fs.read)
	if err != nil {
		s.refuse("kustomize", file, err.Error(), "correct the kustomization")
		return
	}
	var k types.Kustomization
	if err := k.Unmarshal(raw); err != nil {
		return // kustomize says it better
	}
	if plugin {
		s.plugins = append(s.plugins, abs)
	}
	if len(k.HelmCharts) > 0 || len(k.HelmChartInflationGenerator) > 0 {
		s.chart(file)
	}
	//nolint:staticcheck // deprecated, and still built
	for _, entry := range append(append(append([]string{}, k.Resources...), k.Components...), k.Bases...) {
		s.resource(file, abs, entry, plugin)
	}
	for _, entry := range append(append(append([]string{}, k.Generators...), k.Transformers...), k.Validators...) {
		// What is no configuration to kustomize, it looks for as a file.
		_, err := os.Lstat(filepath.Join(abs, entry))
		if strings.ContainsAny(entry, "\n{") && err != nil {
			s.functions(file, []byte(entry))
			continue
		}
		s.resource(file, abs, entry, true)
	}
	for _, entry := range readFiles(k) {
		s.local(file, abs, entry)
	}
}

// readFiles are the files that a kustomization reads beside its resources and
// plugins. kustomize fetches each that is a URL.
func readFiles(k types.Kustomization) []string {
	out := append(append([]string{k.OpenAPI["path"]}, k.Crds...), k.Configurations...)
	for _, p := range k.Patches {
		out = append(out, p.Path)
	}
	//nolint:staticcheck // deprecated, and still built
	for _, p := range k.PatchesJson6902 {
		out = append(out, p.Path)
	}
	//nolint:staticcheck // deprecated, and still built
	for _, p := range k.PatchesStrategicMerge {
		out = append(out, string(p)) // or an inline patch
	}
	for _, r := range k.Replacements {
		out = append(out, r.Path)
	}
	sources := func(g types.KvPairSources) {
		for _, entry := range g.FileSources {
			// Behind the key, if there is one.
			if _, path, keyed := strings.Cut(entry, "="); keyed {
				entry = path
			}
			out = append(out, entry)
		}
		out = append(append(out, g.EnvSources...), g.EnvSource)
	}
	for _, g := range k.ConfigMapGenerator {
		sources(g.KvPairSources)
	}
	for _, g := range k.SecretGenerator {
		sources(g.KvPairSources)
	}
	return out
}

func (s *survey) chart(file string) {
	s.refuse("helm-chart", file, "build inflates no Helm charts", "render the chart and commit the result")
}

// resource looks at an entry that may be a file, a directory or, for
// kustomize, a URL or a Git repository.
func (s *survey) resource(file, dir, entry string, plugin bool) {
	path := filepath.Join(dir, entry)
	if path == s.fs.absent {
		return
	}
	info, err := os.Stat(path)
	switch {
	case filepath.IsAbs(entry):
		s.outside(file, fmt.Sprintf("%q is an absolute path", entry))
	case err != nil && filepath.Base(entry) == LockFile:
		s.refuse("not-locked", file, fmt.Sprintf("%q is listed and not there", entry), "run `modelfn lock` in its directory")
	case err != nil && !remote(entry):
		s.refuse("kustomize", file, fmt.Sprintf("%q: no such file or directory", entry), s.fixMissing(path))
	case err != nil:
		s.refuse("remote-resource", file, fmt.Sprintf("%q is no file or directory in the repository; build fetches nothing", entry),
			"copy it into the repository")
	case s.fs.check(path) != nil:
		s.away(file, entry, s.fs.check(path))
	case info.IsDir():
		s.directory(path, plugin)
	case plugin:
		raw, err := readText(path, s.fs.read)
		if err != nil {
			s.refuse("kustomize", file, err.Error(), "correct the kustomization")
			return
		}
		s.functions(path, raw)
	}
}

// fixMissing knows why a path out of what is here may be right all the same: Argo CD
// can be told to send a part of the repository.
func (s *survey) fixMissing(path string) string {
	if rel, err := filepath.Rel(s.fs.bound, path); err == nil && !filepath.IsLocal(rel) && os.Getenv("ARGOCD_APP_NAME") != "" {
		return "correct the path, or list its directory in the application's annotation argocd.argoproj.io/manifest-generate-paths"
	}
	return "correct the path"
}

// remote tells whether kustomize would take the entry for a URL or a Git
// repository (github.com/owner/name, git@host:path, with ?ref=).
func remote(entry string) bool {
	first, _, nested := strings.Cut(entry, "/")
	return strings.ContainsAny(entry, "?:@") || nested && strings.Contains(first, ".") && strings.Trim(first, ".") != ""
}

// local refuses what is no file of the repository, where kustomize takes a file.
func (s *survey) local(file, dir, entry string) {
	path := filepath.Join(dir, entry)
	if filepath.IsAbs(entry) {
		path = entry
	}
	_, err := os.Lstat(path)
	switch {
	case entry == "" || strings.ContainsAny(entry, "\n{"):
	case strings.Contains(entry, "://"):
		s.refuse("remote-resource", file, fmt.Sprintf("%q is remote; build fetches nothing", entry), "copy it into the repository")
	case err == nil && s.fs.check(path) != nil:
		s.away(file, entry, s.fs.check(path))
	}
}

// away says why an entry is not to be read, by what is written.
func (s *survey) away(file, entry string, err error) {
	why := "leads out of the repository"
	if errors.Is(err, errGit) {
		why = errGit.Error()
	}
	s.outside(file, fmt.Sprintf("%q %s", entry, why))
}

func (s *survey) outside(file, message string) {
	s.refuse("outside-repository", file, message, "copy what is needed into the repository, or name its root with --root")
}

// functions looks at the configuration of generators and transformers.
func (s *survey) functions(file string, raw []byte) {
	items, err := parseObjects(raw)
	if err == nil {
		err = endless(raw)
	}
	if err != nil {
		s.refuse("function", file, err.Error(), "write the configuration as a Kubernetes object, or correct the path")
		return
	}
	for i, item := range items {
		if item.GetAPIVersion() == "builtin" {
			if item.GetKind() == "HelmChartInflationGenerator" {
				s.chart(file)
			}
			continue
		}
		node, err := kyaml.Parse(item.String())
		if err != nil {
			continue
		}
		spec, err := runtimeutil.GetFunctionSpec(node)
		name := item.GetKind() + " " + item.GetName()
		switch {
		case err != nil:
			s.refuse("function", file, fmt.Sprintf("%s: %v", name, err), "correct the annotation config.kubernetes.io/function")
		case spec == nil:
			s.refuse("legacy-plugin", file, fmt.Sprintf("%s is a plugin without a function annotation; build runs no code of the repository", name),
				fmt.Sprintf("let it name the container %s, or remove it", Image))
		case spec.Exec.Path != "" && s.skipExec && isOwnKind(item):
			s.skip(file, i, item)
		case spec.Exec.Path != "":
			s.refuse("exec-function", file, fmt.Sprintf("%s is an exec function; build runs no code of the repository (and kustomize would skip it in silence)", name),
				fmt.Sprintf("use container: {image: %s}, or list the file under resources", Image))
		case !isOurs(spec.Container.Image):
			fix := "run it before the build and commit the result"
			if isOwnKind(item) {
				fix = fmt.Sprintf("write image: %s, or, where that is a copy of it, name its repository in the variable %s", Image, imageVariable)
			}
			s.refuse("other-function", file, fmt.Sprintf("%s is the function image %q; build runs no other than %s", name, spec.Container.Image, Image), fix)
		}
	}
}

// skip tolerates an exec function. It is marked with its file, as what kustomize
// hands over is.
func (s *survey) skip(file string, index int, item *krm.KubeObject) {
	rel, err := filepath.Rel(filepath.Dir(s.fs.top), file)
	if err == nil {
		err = place(item, filepath.ToSlash(rel), index)
	}
	if err != nil {
		s.refuse("function", file, err.Error(), "write the configuration as a Kubernetes object")
		return
	}
	s.skipped = append(s.skipped, item)
}
