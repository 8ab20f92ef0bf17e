package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/lock"
)

// everyTag is --update without a value.
const everyTag = "*"

// updates is what --update resolves again.
type updates struct {
	asked []string
	// targets are the names and URIs among the arguments.
	targets []string
	// met are those that a deployment has.
	met map[string]bool
	// known are the deployments that there are.
	known []string
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// named takes an argument that is no directory for a target, if there is an
// --update.
func (u *updates) named(arg string) bool {
	if len(u.asked) == 0 {
		return false
	}
	u.targets = append(u.targets, arg)
	return true
}

// all are the targets; none is every tag, or no --update.
func (u *updates) all() []string {
	out := slices.Clone(u.targets)
	for _, a := range u.asked {
		if a != everyTag {
			out = append(out, a)
		}
	}
	return out
}

// everything tells whether every tag is resolved again, and a lock that cannot be
// read is written anew.
func (u *updates) everything() bool { return len(u.asked) > 0 && len(u.all()) == 0 }

// resolves is fn.LockOptions.Update.
func (u *updates) resolves(d *v1alpha1.ModelDeployment, uri string) bool {
	return u.everything() || slices.ContainsFunc(u.all(), func(target string) bool {
		return target == uri || target == d.Metadata.Name || target == d.Metadata.Namespace+"/"+d.Metadata.Name
	})
}

// meet notes which targets are in the package.
func (u *updates) meet(p fn.Package) {
	if u.met == nil {
		u.met = map[string]bool{}
	}
	for _, d := range p.Deployments {
		full := strings.TrimPrefix(d.Metadata.Namespace+"/"+d.Metadata.Name, "/")
		u.known = append(u.known, full)
		for _, name := range append(lock.URIs(d.ModelDeployment), full, d.Metadata.Name) {
			u.met[name] = true
		}
	}
}

// unmet is an error that names the targets that nothing has.
func (u *updates) unmet() error {
	var out []string
	for _, target := range u.all() {
		if !u.met[target] {
			out = append(out, target)
		}
	}
	if len(out) == 0 {
		return nil
	}
	slices.Sort(u.known)
	return fmt.Errorf("--update: %s: neither a directory, nor a ModelDeployment or model URI here; there are %s",
		strings.Join(out, ", "), listing(slices.Compact(u.known)))
}

// maxListed bounds a list of names for people.
const maxListed = 20

func listing(names []string) string {
	switch more := len(names) - maxListed; {
	case len(names) == 0:
		return "none"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), more)
	}
	return strings.Join(names, ", ")
}
