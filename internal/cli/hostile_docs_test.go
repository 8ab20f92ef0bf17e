package cli_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	hostileBegins = "<!-- The tables of internal/cli, by `make generate`. -->\n"
	hostileEnds   = "<!-- End of the tables. -->\n"
)

// TestRobustnessIsFresh: docs/robustness.md says what the tests try, and what they want.
func TestRobustnessIsFresh(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "robustness.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(raw), hostileBegins)
	tables, after, ends := strings.Cut(rest, hostileEnds)
	if !begins || !ends {
		t.Fatalf("%s: no tables between %q and %q", path, hostileBegins, hostileEnds)
	}
	want := hostileTables()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(before+hostileBegins+want+hostileEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("%s is stale, run `make generate` (-want +got):\n%s", path, diff)
	}
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
