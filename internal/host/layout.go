package host

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/fn/runtime/runtimeutil"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
)

// layout is a kustomization as it is written: what it reads, and what it runs.
type layout struct {
	dir, file string
	types.Kustomization
	// bad is why it cannot be read.
	bad error
	// resources and components are the kustomizations it reads.
	resources, components []*layout
	// deployments are the ModelDeployments among its own files, platforms the files
	// with a ModelPlatform, configurations of functions included.
	deployments []declared
	platforms   []string
	// The plugins are in the order in which kustomize runs them: inline ones first.
	generators, transformers, validators []plugin
}

// declared is an object and its file.
type declared struct {
	*krm.KubeObject
	file string
}

// plugin is the configuration of a generator, transformer or validator.
type plugin struct {
	declared
	// ours: modelfn runs, whatever the image is called in a mirror of it.
	ours bool
}

// layouts reads kustomizations, each once, and nothing outside the repository.
type layouts struct {
	fs    guardedFS
	known map[string]*layout
	// illegible is why files cannot be read in which a model may be.
	illegible map[string]error
}

// read yields nil for what is no kustomization, or not to be read.
func (r *layouts) read(dir string) *layout {
	abs, err := evaluate(dir)
	if err != nil || !IsKustomization(abs) {
		return nil
	}
	if l := r.known[abs]; l != nil {
		return l
	}
	l := &layout{dir: abs, file: filepath.Join(abs, kustomizationFile(abs))}
	if r.fs.check(l.file) != nil {
		return nil
	}
	r.known[abs] = l
	raw, err := readText(l.file, plainTexts())
	if err == nil {
		err = cmp.Or(endless(raw), l.Unmarshal(raw))
	}
	if err != nil {
		l.bad = err
		return l
	}
	//nolint:staticcheck // bases are deprecated, and still built
	for _, entry := range append(slices.Clone(l.Resources), l.Bases...) {
		path := filepath.Join(abs, entry)
		if below := r.read(path); below != nil {
			l.resources = append(l.resources, below)
			continue
		}
		for _, o := range r.objects(path) {
			l.lists(o)
		}
	}
	for _, entry := range l.Components {
		if below := r.read(filepath.Join(abs, entry)); below != nil {
			l.components = append(l.components, below)
		}
	}
	l.generators = r.plugins(l, l.Generators)
	l.transformers = r.plugins(l, l.Transformers)
	l.validators = r.plugins(l, l.Validators)
	return l
}

// lists takes note of one of modelfn's kinds.
func (l *layout) lists(o declared) {
	switch {
	case isDeployment(o.KubeObject):
		l.deployments = append(l.deployments, o)
	case isOwnKind(o.KubeObject) && o.GetKind() == v1alpha1.KindModelPlatform:
		l.platforms = append(l.platforms, o.file)
	}
}

// objects are those of a file, with its evaluated path.
func (r *layouts) objects(path string) []declared {
	real, raw := r.text(path)
	if real == "" {
		r.refused(path)
	}
	return r.objectsIn(real, raw)
}

// refused takes note of a file that is there, may have a model, and is not parsed.
func (r *layouts) refused(path string) {
	real, err := evaluate(path)
	if err != nil || r.fs.check(real) != nil {
		return
	}
	raw, err := lock.ReadBounded(real)
	if err != nil || !mentionIn(raw).deployment {
		return
	}
	if _, err := readText(real, plainTexts()); err != nil {
		r.illegible[real] = err
	}
}

// text is a file, with its evaluated path; nothing where it is none, or not to be
// read.
func (r *layouts) text(path string) (file string, raw []byte) {
	real, err := evaluate(path)
	if err != nil || r.fs.check(real) != nil {
		return "", nil
	}
	if info, err := os.Stat(real); err != nil || !info.Mode().IsRegular() {
		return "", nil
	}
	if raw, err = readText(real, plainTexts()); err != nil {
		return "", nil
	}
	return real, raw
}

// objectsIn are those of a text; a patch among them is none.
func (r *layouts) objectsIn(file string, raw []byte) []declared {
	var items krm.KubeObjects
	err := endless(raw)
	if err == nil {
		items, err = parseObjects(raw)
	}
	if err == nil {
		err = placeAll(items, filepath.Base(file))
	}
	if err != nil {
		if mentionIn(raw).deployment {
			r.illegible[file] = err
		}
		return nil
	}
	var out []declared
	for _, item := range items {
		out = append(out, declared{item, file})
	}
	return out
}

// plugins are configurations in the order in which they run.
func (r *layouts) plugins(l *layout, entries []string) []plugin {
	var inline, files []declared
	for _, entry := range entries {
		if strings.ContainsAny(entry, "\n{") {
			inline = append(inline, r.objectsIn(l.file, []byte(entry))...)
			continue
		}
		files = append(files, r.configurations(filepath.Join(l.dir, entry), map[string]bool{})...)
	}
	var out []plugin
	for _, o := range append(inline, files...) {
		out = append(out, plugin{o, runsModelfn(o)})
		if o.GetKind() == v1alpha1.KindModelPlatform {
			l.lists(o)
		}
	}
	return out
}

// configurations are those of a file, or of a kustomization of them.
func (r *layouts) configurations(path string, seen map[string]bool) []declared {
	real, err := evaluate(path)
	if err != nil || seen[real] || r.fs.check(real) != nil {
		return nil
	}
	seen[real] = true
	if !IsKustomization(real) {
		return r.objects(real)
	}
	var k types.Kustomization
	raw, err := readText(filepath.Join(real, kustomizationFile(real)), plainTexts())
	if err != nil || endless(raw) != nil || k.Unmarshal(raw) != nil {
		return nil
	}
	var out []declared
	for _, entry := range k.Resources {
		out = append(out, r.configurations(filepath.Join(real, entry), seen)...)
	}
	return out
}

// runsModelfn tells whether a configuration has a function annotation and is
// modelfn's: by its kind, or by what it runs.
func runsModelfn(o declared) bool {
	node, err := kyaml.Parse(o.String())
	if err != nil {
		return false
	}
	spec, err := runtimeutil.GetFunctionSpec(node)
	if err != nil || spec == nil {
		return false
	}
	return isOwnKind(o.KubeObject) || isOurs(spec.Container.Image) || filepath.Base(spec.Exec.Path) == "modelfn"
}
