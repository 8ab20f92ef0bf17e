package host

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// latePatch: a patch of a ModelDeployment that is expanded already says nothing to
// anybody. With a target kustomize does not even mind that there is none.
func (d *doctor) latePatch(r reading) finding.List {
	var out finding.List
	for _, s := range append(d.patches(r.layout), d.replacements(r.layout)...) {
		if slices.ContainsFunc(r.before.raw, s.deployment) {
			continue
		}
		var late []expansion
		for _, e := range r.before.expanded {
			if s.deployment(e.declared) {
				late = append(late, e)
			}
		}
		if len(late) == 0 {
			continue
		}
		then := "kustomize fails"
		if s.silent {
			then = "kustomize changes nothing, and says nothing"
		}
		out = append(out, d.about(r.layout, finding.Error, "late-patch", s.field,
			fmt.Sprintf("it patches ModelDeployment %s, which %s expanded before: %s", change{expanded: late}.of(), d.functions(late), then), lateFix))
	}
	return out
}
