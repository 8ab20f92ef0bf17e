package passthrough

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/doctable"
)

var _ = flag.Bool("update", false, "write the tables of docs/predictor.md instead of comparing them")

// TestDocsAreFresh: what the documentation says may be set is what the tables
// say.
func TestDocsAreFresh(t *testing.T) {
	doctable.Compare(t, "../../docs/predictor.md", "<!-- the tables of internal/passthrough: go test ./internal/passthrough -update -->\n", "<!-- end -->\n", tables())
}

func tables() string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	b.WriteString("\n| `args` | of the servers of |\n|---|---|\n")
	for _, g := range Arguments() {
		row(g.Why+": "+values(g.Flags), short(g.Runtimes))
	}
	b.WriteString("\n| `env` | |\n|---|---|\n")
	for _, g := range Environment() {
		row(g.Why, values(g.Variables))
	}
	b.WriteString("\n| fields | |\n|---|---|\n")
	row("any deployment", code(Fields()))
	row("by a platform's leave; whether the value is of that kind is checked, and not what is inside", shapes())
	for _, g := range Never() {
		row("never: "+g.Why, code(g.Names))
	}
	for _, g := range NotInKnative() {
		row("not in Knative mode: "+g.Why, code(g.Names))
	}
	row("in Knative mode by a feature of Knative (ConfigMap `config-features`)", features())
	b.WriteString("\n")
	return b.String()
}

// shapes are the fields that may be allowed, with what stands in them.
func shapes() string {
	var out []string
	for _, name := range Widenable() {
		out = append(out, fmt.Sprintf("`%s` (%s)", name, strings.TrimPrefix(strings.TrimPrefix(string(Shapes()[name]), "a whole "), "a ")))
	}
	return strings.Join(out, ", ")
}

// features are those that fields need.
func features() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(KnativeFeatures())) {
		out = append(out, fmt.Sprintf("`%s` (`%s`)", name, KnativeFeatures()[name]))
	}
	return strings.Join(out, ", ")
}

func code(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

func short(runtimes []string) string {
	out := make([]string, len(runtimes))
	for i, r := range runtimes {
		out[i] = strings.TrimPrefix(r, "kserve-")
	}
	return strings.Join(out, ", ")
}

// values are names with what they take, where that is not nothing.
func values(names map[string]Value) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] == Switch {
			out = append(out, "`"+name+"`")
			continue
		}
		out = append(out, fmt.Sprintf("`%s` (%s)", name, strings.TrimPrefix(strings.TrimPrefix(string(names[name]), "a whole "), "a ")))
	}
	return strings.Join(out, ", ")
}
