package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/internal/finding"
)

const kptfile = "Kptfile"

// kptPackage is a kpt package with ModelDeployments.
type kptPackage struct {
	dir    string
	models []declared
	// mutates and validates tell where modelfn is in its pipeline, or in that of a
	// package around it, which gets the objects, too.
	mutates, validates bool
	// partial are the functions of modelfn's in its own pipeline that get a selection.
	partial []string
}

// kptFunction is one in a pipeline.
type kptFunction struct {
	Image, Exec        string
	Selectors, Exclude []any
}

// packages are those among the directories of a walk.
func (d *doctor) packages(among []found) []*kptPackage {
	var out []*kptPackage
	known := map[string]*kptPackage{}
	for _, f := range among {
		if !f.plain {
			continue
		}
		var models []declared
		for _, path := range f.models {
			for _, o := range d.objects(path) {
				if isDeployment(o.KubeObject) {
					models = append(models, o)
				}
			}
		}
		abs, err := evaluate(f.dir)
		if err != nil || len(models) == 0 {
			continue
		}
		home := d.pipeline(abs)
		if home == nil {
			continue
		}
		if known[home.dir] == nil {
			known[home.dir] = home
			out = append(out, home)
		}
		known[home.dir].models = append(known[home.dir].models, models...)
	}
	return out
}

// pipeline is the package that a directory is in, without its models; nil where it
// is in none.
func (d *doctor) pipeline(dir string) *kptPackage {
	var out *kptPackage
	for at := dir; d.fs.check(at) == nil; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, kptfile)); err == nil {
			var k struct {
				Pipeline struct {
					Mutators, Validators []kptFunction
				}
			}
			_, raw := d.text(filepath.Join(at, kptfile))
			if yaml.Unmarshal(raw, &k) != nil {
				continue
			}
			if out == nil {
				out = &kptPackage{dir: at}
			}
			out.mutates = out.runs(at, "mutators", k.Pipeline.Mutators) || out.mutates
			out.validates = out.runs(at, "validators", k.Pipeline.Validators) || out.validates
		}
		if at == d.fs.bound {
			break
		}
	}
	return out
}

// runs tells whether modelfn is among the functions of a package, this one or one
// around it.
func (p *kptPackage) runs(dir, list string, functions []kptFunction) bool {
	found := false
	for i, f := range functions {
		if !f.ours() {
			continue
		}
		found = true
		if dir == p.dir && len(f.Selectors)+len(f.Exclude) > 0 {
			p.partial = append(p.partial, fmt.Sprintf("pipeline.%s[%d]", list, i))
		}
	}
	return found
}

func (f kptFunction) ours() bool {
	name, _, _ := strings.Cut(filepath.Base(f.Image), "@")
	name, _, _ = strings.Cut(name, ":")
	program, _, _ := strings.Cut(f.Exec, " ")
	return name == "modelfn" || filepath.Base(program) == "modelfn"
}

// kpt: kpt renders a package without a function of modelfn's and exits 0, and
// throws away what a validator returns.
func (d *doctor) kpt(p *kptPackage) finding.List {
	about := func(severity finding.Severity, rule, field, message, fix string) finding.Finding {
		return finding.Finding{
			Rule: rule, Severity: severity, Resource: finding.Resource{Kind: kptfile, File: d.name(filepath.Join(p.dir, kptfile))},
			Field: field, Message: message, Fix: fix,
		}
	}
	var out finding.List
	for _, field := range p.partial {
		out = append(out, about(finding.Error, "partial-package", field,
			"kpt hands a selection to modelfn, which does not see what it generated before, nor all that it should verify",
			"take selectors and exclude out: what is not modelfn's stays as it is"))
	}
	switch {
	case p.mutates:
	case p.validates:
		out = append(out, about(finding.Error, "validator", "pipeline.validators",
			fmt.Sprintf("modelfn is run as a validator only: kpt throws away what it generates for %s, and exits 0", names(p.models)),
			"list it among the mutators, too"))
	default:
		out = append(out, about(finding.Warning, "not-expanded", "pipeline.mutators",
			fmt.Sprintf("no function of modelfn's runs on %s: `kpt fn render` leaves it as it is and exits 0", names(p.models)),
			"list modelfn among the mutators, or render with `modelfn build` only"))
	}
	return out
}
