package host

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// Diagnosis is what Doctor looked at, and what it found.
type Diagnosis struct {
	// Looked has a line for each kustomization and kpt package with a model.
	Looked []string
	// Notes say what was passed over.
	Notes    []string
	Findings finding.List
}

// Doctor looks at the kustomizations and kpt packages below a directory for what
// the stock programs would do with ModelDeployments in another way than Build:
// above all for what they do in silence. It renders nothing, runs nothing and
// fetches nothing.
func Doctor(dir, root string, sources fn.Sources) Diagnosis {
	fail := func(err error) Diagnosis { return Diagnosis{Findings: unreadable(dir, err)} }
	fs, err := newGuardedFS(dir, root)
	if err != nil {
		return fail(err)
	}
	checkout, err := NewCheckout(dir, fs.bound)
	if err != nil {
		return fail(err)
	}
	d := doctor{
		layouts: layouts{fs: fs, known: map[string]*layout{}, illegible: map[string]error{}},
		scout:   scout{root: fs.bound, seen: map[string]mention{}},
		start:   checkout.start, sources: sources,
	}
	out := d.examine(dir)
	out.Findings = out.Findings.Sorted()
	return out
}

type doctor struct {
	layouts
	scout   scout
	sources fn.Sources
	// start is where modelfn was started: files are named from there.
	start string
}

// complaint looks at one kustomization for one thing.
type complaint func(d *doctor, r reading) finding.List

var complaints = []complaint{
	(*doctor).broken,
	(*doctor).lateField,
	(*doctor).lateTransformer,
	(*doctor).latePatch,
	(*doctor).unexpanded,
	(*doctor).twice,
	(*doctor).validator,
	(*doctor).unlistedLock,
	(*doctor).unlistedDeployment,
	(*doctor).platform,
}

func (d *doctor) examine(dir string) Diagnosis {
	found, notes, findings := d.scout.walk(filepath.Clean(dir))
	out := Diagnosis{Notes: notes, Findings: findings}
	b := build{done: map[*layout]state{}, active: map[*layout]bool{}, under: map[*layout]bool{}}
	for _, f := range found {
		if f.plain {
			continue
		}
		if l := d.read(f.dir); l != nil && l.Kind != types.ComponentKind {
			b.kustomization(l)
		}
	}
	for _, r := range b.tops() {
		if r.top {
			out.Looked = append(out.Looked, d.seen(r)...)
			out.Findings = append(out.Findings, d.refused(r)...)
		}
		for _, complain := range complaints {
			out.Findings = append(out.Findings, complain(d, r)...)
		}
	}
	for _, p := range d.packages(found) {
		out.Looked = append(out.Looked, fmt.Sprintf("%s: %s in a kpt package", d.name(p.dir), count(len(p.models))))
		out.Findings = append(out.Findings, d.kpt(p)...)
	}
	for _, file := range slices.Sorted(maps.Keys(d.illegible)) {
		out.Findings = append(out.Findings, unreadable(d.name(file), d.illegible[file])...)
	}
	if len(out.Looked) == 0 && !out.Findings.Refused() {
		out.Findings = append(out.Findings, finding.Finding{
			Rule: "no-deployment", Severity: finding.Error, Resource: finding.Resource{File: dir},
			Message: "no kustomization and no kpt package here has a ModelDeployment", Fix: "name the directory that has one; plain files are rendered by `modelfn build` alone",
		})
	}
	return out
}

// broken: what a kustomization does is unknown, and there may be a model in it.
func (d *doctor) broken(r reading) finding.List {
	if r.bad == nil || !d.scout.reach(r.dir).mentions {
		return nil
	}
	return finding.List{d.about(r.layout, finding.Error, "kustomize", "", strings.TrimSpace(r.bad.Error()), "correct the kustomization")}
}

// refused is what build refuses whatever comes out. A kustomization without a model
// is none of modelfn's business, unless one may be where nothing is read.
func (d *doctor) refused(r reading) finding.List {
	if !d.scout.reach(r.dir).mentions {
		return nil
	}
	out := surveyTree(d.fs, r.dir, false).findings
	return d.named(slices.DeleteFunc(out, func(f finding.Finding) bool { return r.models() == 0 && f.Rule != "outside-repository" }))
}

// seen says what a kustomization does with its models.
func (d *doctor) seen(r reading) []string {
	if r.models() == 0 {
		return nil
	}
	var by []string
	for _, e := range r.after.expanded {
		by = append(by, d.name(e.by.file))
	}
	by = slices.Compact(slices.Sorted(slices.Values(by)))
	line := fmt.Sprintf("%s: %s", d.name(r.dir), count(r.models()))
	if len(by) > 0 {
		line += ", expanded by " + strings.Join(by, ", ")
	}
	if n := len(r.after.raw); n > 0 {
		line += fmt.Sprintf(", %d by `modelfn build` only", n)
	}
	return []string{line}
}

func count(n int) string {
	if n == 1 {
		return "1 ModelDeployment"
	}
	return fmt.Sprintf("%d ModelDeployments", n)
}

// about is a finding about a kustomization.
func (d *doctor) about(l *layout, severity finding.Severity, rule, field, message, fix string) finding.Finding {
	return finding.Finding{
		Rule: rule, Severity: severity, Resource: finding.Resource{Kind: types.KustomizationKind, File: d.name(l.file)},
		Field: field, Message: message, Fix: fix,
	}
}

// name is a path as it is typed where modelfn was started.
func (d *doctor) name(path string) string {
	if rel, err := filepath.Rel(d.start, path); err == nil && filepath.IsAbs(path) {
		return rel
	}
	return path
}

func (d *doctor) named(findings finding.List) finding.List {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Resource.File = d.name(out[i].Resource.File)
	}
	return out
}

// names are those of ModelDeployments, as a list.
func names(models []declared) string {
	var out []string
	for _, m := range models {
		out = append(out, strings.TrimPrefix(m.GetNamespace()+"/"+m.GetName(), "/"))
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(out))), ", ")
}
