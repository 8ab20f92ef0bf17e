package host

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
)

// twice: a function that comes by where another has expanded the models. It finds
// nothing to do, and its platform holds for nothing.
func (d *doctor) twice(r reading) finding.List {
	if len(r.before.expanded) == 0 {
		return nil
	}
	for _, p := range r.transformers {
		if p.ours {
			return finding.List{d.about(r.layout, finding.Warning, "expanded-before", "transformers",
				fmt.Sprintf("%s finds %s expanded by %s already: its platform has no say about that", d.name(p.file), change{expanded: r.before.expanded}.of(), d.functions(r.before.expanded)),
				"let one kustomization run the function: the outermost")}
		}
	}
	return nil
}
