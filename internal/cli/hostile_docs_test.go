package cli_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/doctable"
)

// TestRobustnessIsFresh: docs/robustness.md says what the tests try, and what they want.
func TestRobustnessIsFresh(t *testing.T) {
	doctable.Compare(t, "../../docs/robustness.md", "<!-- The tables of internal/cli, by `make generate`. -->\n", "<!-- End of the tables. -->\n", hostileTables())
}

func hostileTables() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nAt every door: %s.\n", strings.Join(slices.Sorted(maps.Keys(doors)), "; "))
	fmt.Fprintf(&b, "\n| A text that is | what is said of it | tried at |\n|---|---|---|\n")
	for _, h := range hostileTexts {
		where, said := "a plain directory", "nothing: it is read as it is (exit 0)"
		if h.everywhere {
			where = "every door"
		}
		if h.refused != "" {
			said = "`" + h.refused + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", h.input, said, where)
	}
	b.WriteString("\nIn a lock whose digests all fit:\n\n| A piece that is | what is said of it (exit 1) |\n|---|---|\n")
	for _, p := range hostilePieces {
		fmt.Fprintf(&b, "| %s | `%s` |\n", p.input, p.refused)
	}
	b.WriteString("\nLegitimate, and rendered to the same bytes:\n\n| A ModelDeployment with | in |\n|---|---|\n")
	for _, s := range spellings {
		where := "a plain directory, a kustomization"
		if s.plain {
			where = "a plain directory (kustomize itself does not read it)"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", s.input, where)
	}
	b.WriteString("\n")
	return b.String()
}
