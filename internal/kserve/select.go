package kserve

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Runtimes are those that the version ships, by name.
func (v Version) Runtimes() []Runtime {
	return slices.SortedFunc(slices.Values(v.runtimes), func(a, b Runtime) int { return strings.Compare(a.Name, b.Name) })
}

// Find is the shipped runtime of that name.
func (v Version) Find(name string) (Runtime, bool) {
	i := slices.IndexFunc(v.runtimes, func(r Runtime) bool { return r.Name == name })
	if i < 0 {
		return Runtime{}, false
	}
	return v.runtimes[i], true
}

// Formats are the names of all formats that a shipped runtime loads, sorted.
func (v Version) Formats() []string {
	names := map[string]bool{}
	for _, r := range v.runtimes {
		for name := range r.Formats {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Asked is what a model asks of a runtime. Version, of the format, and Protocol may
// be empty.
type Asked struct{ Format, Version, Protocol string }

// Select is the runtime that KServe chooses. Where no protocol is stated KServe
// looks for v1 only, and starts nothing where no runtime speaks it: then it is the
// one for v2.
func (v Version) Select(a Asked) (Runtime, bool) {
	protocols := []string{a.Protocol}
	if a.Protocol == "" {
		protocols = []string{"v1", "v2"}
	}
	for _, p := range protocols {
		candidates := slices.DeleteFunc(v.Runtimes(), func(r Runtime) bool {
			return r.Formats[a.Format] == 0 || !r.Loads(a.Format, a.Version) || !r.Speaks(p)
		})
		if len(candidates) > 0 {
			return slices.MaxFunc(candidates, func(x, y Runtime) int {
				return cmp.Or(cmp.Compare(x.Formats[a.Format], y.Formats[a.Format]), cmp.Compare(y.Name, x.Name))
			}), true
		}
	}
	return Runtime{}, false
}
