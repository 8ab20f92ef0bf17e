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
					Mutators, Validators []struct{ Image, Exec string }
				}
			}
			_, raw := d.text(filepath.Join(at, kptfile))
			if yaml.Unmarshal(raw, &k) != nil {
				continue
			}
			if out == nil {
				out = &kptPackage{dir: at}
			}
			for _, m := range k.Pipeline.Mutators {
				out.mutates = out.mutates || kptRuns(m.Image, m.Exec)
			}
			for _, v := range k.Pipeline.Validators {
				out.validates = out.validates || kptRuns(v.Image, v.Exec)
			}
		}
		if at == d.fs.bound {
			break
		}
	}
	return out
}

func kptRuns(image, exec string) bool {
	name, _, _ := strings.Cut(filepath.Base(image), "@")
	name, _, _ = strings.Cut(name, ":")
	return name == "modelfn" || filepath.Base(exec) == "modelfn"
}

// kpt: kpt renders a package without a function of modelfn's and exits 0, and
// throws away what a validator returns.
func (d *doctor) kpt(p *kptPackage) finding.List {
	f := finding.Finding{
		Rule: "not-expanded", Severity: finding.Warning, Resource: finding.Resource{Kind: kptfile, File: d.name(filepath.Join(p.dir, kptfile))},
		Field:   "pipeline.mutators",
		Message: fmt.Sprintf("no function of modelfn's runs on %s: `kpt fn render` leaves it as it is and exits 0", names(p.models)),
		Fix:     "list modelfn among the mutators, or render with `modelfn build` only",
	}
	switch {
	case p.mutates:
		return nil
	case p.validates:
		f.Rule, f.Severity, f.Field = "validator", finding.Error, "pipeline.validators"
		f.Message = fmt.Sprintf("modelfn is run as a validator: kpt throws away what it generates for %s, and exits 0", names(p.models))
		f.Fix = "list it among the mutators"
	}
	return finding.List{f}
}
