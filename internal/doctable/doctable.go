// Package doctable holds tables in the documentation to what the tests know, or writes
// them. Only tests use it.
package doctable

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Compare wants the text between two marks of a page. With the test's own flag -update
// it puts it there.
func Compare(t testing.TB, page, begin, end, want string) {
	t.Helper()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(raw), begin)
	had, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s: no place for a table between %q and %q", page, begin, end)
	}
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, had); diff != "" {
		t.Errorf("%s is stale, run `make generate` (-want +got):\n%s", page, diff)
	}
}
