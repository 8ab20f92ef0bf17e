package fn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/doctable"
)

const (
	matrixPage  = "../docs/serving.md"
	matrixBegin = "<!-- matrix: written by `make generate` -->\n"
	matrixEnd   = "<!-- /matrix -->\n"
)

// documented compares the table in docs/serving.md with the cells' golden files, or
// writes it from them: it says of each what the test has seen.
func documented(t *testing.T) {
	t.Helper()
	doctable.Compare(t, matrixPage, matrixBegin, matrixEnd, matrixTable(t))
}

// matrixTable has a table for each mode: artifacts by canaries.
func matrixTable(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, mode := range matrixModes {
		fmt.Fprintf(&out, "\n### %s\n\n|", mode)
		for _, c := range matrixCanaries {
			out.WriteString(" | " + c.title)
		}
		out.WriteString(" |\n|" + strings.Repeat("---|", len(matrixCanaries)+1) + "\n")
		for _, a := range matrixArtifacts {
			out.WriteString("| " + a.title)
			for _, c := range matrixCanaries {
				out.WriteString(" | " + matrixCell{mode, a, c}.entry(t))
			}
			out.WriteString(" |\n")
		}
	}
	return out.String() + "\n"
}

// entry is the cell in the table, by its golden file.
func (c matrixCell) entry(t *testing.T) string {
	t.Helper()
	path := matrix + "/" + c.path()
	if len(readOptional(t, path+".yaml")) > 0 {
		return "[yes](" + path + ".yaml)"
	}
	rules := refusals(string(readOptional(t, path+".txt")))
	if len(rules) == 0 {
		t.Errorf("%s: neither objects nor a refusal", c.path())
	}
	return "[`" + strings.Join(rules, "`, `") + "`](" + path + ".txt)"
}
