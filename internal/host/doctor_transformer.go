package host

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// lateTransformer: a transformer of kustomize's own that runs behind modelfn.
// Those written inline run before those in files, wherever they stand in the list;
// other functions build refuses by itself.
func (d *doctor) lateTransformer(r reading) finding.List {
	var out finding.List
	s := r.before
	for _, p := range r.transformers {
		switch {
		case p.ours:
			s = s.expand(p, r.Namespace)
		case p.GetAPIVersion() == "builtin" && len(s.expanded) > 0 && slices.Contains(changing, p.GetKind()):
			c := change{expanded: s.expanded}
			fix := lateFix
			if p.file != r.file && slices.ContainsFunc(r.transformers, func(q plugin) bool { return q.ours && q.file == r.file }) {
				fix = "put modelfn's configuration into a file, and list it last: kustomize runs inline transformers before those in files"
			}
			out = append(out, d.about(r.layout, finding.Error, "late-change", "transformers",
				fmt.Sprintf("%s %s (%s) changes what modelfn generated for %s: %s expanded it before", p.GetKind(), p.GetName(), d.name(p.file), c.of(), d.functions(s.expanded)), fix))
		}
	}
	return out
}

// changing are kustomize's transformers that reach what modelfn generates.
var changing = []string{
	"PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer", "NamespaceTransformer",
	"LabelTransformer", "PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer",
	"ReplacementTransformer", "ImageTagTransformer",
}
