package kserve

import (
	"maps"
	"slices"
)

// Runtimes are those that the version ships, by name.
func (v Version) Runtimes() []Runtime { return slices.Clone(v.runtimes) }

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
		var chosen *Runtime
		for i := range v.runtimes { // of two with one priority the first by name
			r := &v.runtimes[i]
			if priority := r.Formats[a.Format]; priority > 0 && r.Loads(a.Format, a.Version) && r.Speaks(p) &&
				(chosen == nil || priority > chosen.Formats[a.Format]) {
				chosen = r
			}
		}
		if chosen != nil {
			return *chosen, true
		}
	}
	return Runtime{}, false
}
