package fn

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// templates: KServe's managers execute what objects hold as Go templates, and read
// what comes out as JSON. A text with an action in it, be it an annotation that the
// model's publisher wrote or the label of a node, can end there and go on with
// containers of its own.
func templates(objects []Generated) finding.List {
	var out finding.List
	for _, g := range objects {
		for _, at := range actions(generators.Executed(g.Object)) {
			out = append(out, finding.Finding{
				Rule: "template", Severity: finding.Error, Resource: g.For,
				Message: fmt.Sprintf("%s of the %s would hold {{, which KServe executes as a template", strings.TrimPrefix(at, "."), g.Kind),
				Fix:     "write the value itself; where it is the artifact's own name or license, have its publisher correct that",
			})
		}
	}
	return out
}

// actions are the places where a template would do something, by their paths.
func actions(value any) []string {
	const begin = "{{"
	var out []string
	below := func(at string, value any) {
		for _, path := range actions(value) {
			out = append(out, at+path)
		}
	}
	switch v := value.(type) {
	case string:
		if strings.Contains(v, begin) {
			out = append(out, "")
		}
	case object.List:
		for i, item := range v {
			below(fmt.Sprintf("[%d]", i), item)
		}
	case object.Map:
		for _, f := range v {
			if strings.Contains(f.Key, begin) {
				out = append(out, fmt.Sprintf(".%.100q", f.Key))
				continue
			}
			below("."+f.Key, f.Value)
		}
	}
	return out
}
