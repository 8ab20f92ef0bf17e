package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
)

const lateFix = "take the function out there and let it be a transformer of the outermost kustomization; " +
	"`modelfn build` expands last by itself when no kustomization names the function"

// lateField: kustomize changes what modelfn generated, and knows none of the
// places where the old name or namespace stands in it: routes lead to Services
// that KServe does not make, and policies guard another namespace.
func (d *doctor) lateField(r reading) finding.List {
	var out finding.List
	for _, c := range d.changes(r.layout, r.before.expanded) {
		out = append(out, d.about(r.layout, finding.Error, "late-change", c.field,
			fmt.Sprintf("%s what modelfn generated for %s: %s expanded it before", c.what, c.of(), d.functions(c.expanded)), lateFix))
	}
	return out
}

// functions are the files of those that expanded.
func (d *doctor) functions(expanded []expansion) string {
	files := map[string]bool{}
	for _, e := range expanded {
		files[d.name(e.by.file)] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(files)), ", ")
}

// change is what a field of a kustomization does to what was generated.
type change struct {
	field, what string
	expanded    []expansion
}

func (c change) of() string {
	var models []declared
	for _, e := range c.expanded {
		models = append(models, e.declared)
	}
	return names(models)
}

// changes are those of a kustomization's fields. Labels and annotations that mean
// nothing to what serves may be added.
func (d *doctor) changes(l *layout, expanded []expansion) []change {
	if len(expanded) == 0 {
		return nil
	}
	var out []change
	add := func(is bool, field, what string) {
		if is {
			out = append(out, change{field, what, expanded})
		}
	}
	add(l.NamePrefix != "", "namePrefix", "it renames")
	add(l.NameSuffix != "", "nameSuffix", "it renames")
	add(l.Namespace != "" && slices.ContainsFunc(expanded, func(e expansion) bool { return e.namespace != l.Namespace }), "namespace", "it moves")
	//nolint:staticcheck // deprecated, and still built
	add(len(l.CommonLabels) > 0, "commonLabels", "it labels, and changes the selectors of,")
	for i, label := range l.Labels {
		field := fmt.Sprintf("labels[%d]", i)
		add(label.IncludeSelectors || len(label.FieldSpecs) > 0, field, "it labels, and changes the selectors of,")
		add(!label.IncludeSelectors && len(label.FieldSpecs) == 0 && harmful(label.Pairs), field, "it gives labels that others act on to")
	}
	add(harmful(l.CommonAnnotations), "commonAnnotations", "it gives annotations that others act on to")
	for i, image := range l.Images {
		hit := slices.DeleteFunc(slices.Clone(expanded), func(e expansion) bool {
			return !strings.Contains(e.String(), image.Name+":") && !strings.Contains(e.String(), image.Name+"@")
		})
		if len(hit) > 0 {
			out = append(out, change{fmt.Sprintf("images[%d]", i), "it changes an image in", hit})
		}
	}
	for _, s := range append(d.patches(l), d.replacements(l)...) {
		if hit := s.hits(expanded); len(hit) > 0 {
			out = append(out, change{s.field, "it patches", hit})
		}
	}
	return out
}

func harmful(pairs map[string]string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(pairs)), func(key string) bool { return !harmless(key) || !inert(pairs[key]) })
}
