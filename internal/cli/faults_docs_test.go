package cli_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareTable holds a table of docs/faults.md to what the tests found, or writes it.
func compareTable(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "faults.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- The table of "+name+" faults, by `make generate`. -->\n", "<!-- End of the table of "+name+" faults. -->\n"
	before, rest, begins := strings.Cut(string(raw), begin)
	table, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s: no table between %q and %q", path, begin, end)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("%s is stale, run `make generate` (-want +got):\n%s", path, diff)
	}
}
