package host

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// platform: whose platform decides about what is built here, where nothing from
// outside the repository does.
func (d *doctor) platform(r reading) finding.List {
	if !r.top || r.models() == 0 || d.sources.Outside() {
		return nil
	}
	read, beside := map[string]bool{}, map[string]bool{}
	d.platforms(r.layout, map[*layout]bool{}, read, beside)
	switch {
	case len(read) > 0:
		return finding.List{d.about(r.layout, finding.Warning, "unsealed-platform", "",
			fmt.Sprintf("the repository's own ModelPlatform decides whom to trust (%s)", d.listing(read)),
			"seal one: bake it into the image, or give --platform FILE; `modelfn build --require-sealed` refuses to do without")}
	case len(beside) > 0:
		return finding.List{d.about(r.layout, finding.Warning, "unlisted-platform", "resources",
			"a ModelPlatform lies in a directory of this build and is not listed: "+d.listing(beside),
			"list it under transformers with a function annotation, or under resources, or give --platform FILE")}
	}
	return nil
}

// platforms are the files that a build reads, and those that lie beside them.
func (d *doctor) platforms(l *layout, seen map[*layout]bool, read, beside map[string]bool) {
	if seen[l] {
		return
	}
	seen[l] = true
	for _, file := range l.platforms {
		read[file] = true
	}
	for name := range yamlFiles(l.dir) {
		path := filepath.Join(l.dir, name)
		if d.scout.file(path).platform && path != l.file {
			beside[path] = true
		}
	}
	for _, below := range slices.Concat(l.resources, l.components) {
		d.platforms(below, seen, read, beside)
	}
}

func (d *doctor) listing(files map[string]bool) string {
	out := ""
	for i, file := range slices.Sorted(maps.Keys(files)) {
		if i > 0 {
			out += ", "
		}
		out += d.name(file)
	}
	return out
}
