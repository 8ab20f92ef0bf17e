package host

import (
	"path/filepath"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
)

// unlistedDeployment: a model that lies beside a kustomization, as if it were in
// it. A file that any of them names, as a patch too, is meant.
func (d *doctor) unlistedDeployment(r reading) finding.List {
	if r.bad != nil {
		return nil
	}
	var out finding.List
	for name := range yamlFiles(r.dir) {
		path := filepath.Join(r.dir, name)
		if path == r.file || !d.scout.file(path).deployment || r.names(path) || d.names(path) {
			continue
		}
		if slices.ContainsFunc(d.legible(path), isDeployment) {
			out = append(out, d.about(r.layout, finding.Warning, "unlisted-deployment", "resources",
				d.name(path)+" has a ModelDeployment and is not listed: no render reads it", "list it under resources"))
		}
	}
	return out
}

// legible are the objects of a file that no build reads. It may be a chart's template,
// so what cannot be parsed is no fault.
func (d *doctor) legible(path string) krm.KubeObjects {
	_, raw := d.text(path)
	if endless(raw) != nil {
		return nil
	}
	items, err := parseObjects(raw)
	if err != nil {
		return nil
	}
	return items
}

func (d *doctor) names(path string) bool {
	for _, l := range d.known {
		if l.names(path) {
			return true
		}
	}
	return false
}

// names tells whether a kustomization has the way to a file in its text.
func (l *layout) names(path string) bool {
	way, err := filepath.Rel(l.dir, path)
	if err != nil {
		return false
	}
	raw, err := lock.ReadBounded(l.file)
	return err == nil && strings.Contains(string(raw), filepath.ToSlash(way))
}
