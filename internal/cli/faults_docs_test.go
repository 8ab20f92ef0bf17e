package cli_test

import (
	"testing"

	"github.com/modelfn/modelfn/internal/doctable"
)

// compareTable holds a table of docs/faults.md to what the tests found, or writes it.
func compareTable(t *testing.T, name, want string) {
	t.Helper()
	doctable.Compare(t, "../../docs/faults.md", "<!-- The table of "+name+" faults, by `make generate`. -->\n", "<!-- End of the table of "+name+" faults. -->\n", want)
}
