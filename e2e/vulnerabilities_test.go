package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// madeUp is an entry of a vulnerability database: nothing is wrong with it.
func madeUp(t *testing.T, module, pkg, symbol string) (database string) {
	t.Helper()
	dir := t.TempDir()
	entry := fmt.Sprintf(`{"schema_version": "1.3.1", "id": "GO-0000-0001", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
		"summary": "Made up", "database_specific": {"url": "https://pkg.go.dev/vuln/GO-0000-0001"}, "affected": [{"package": {"name": %q, "ecosystem": "Go"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
		"ecosystem_specific": {"imports": [{"path": %q, "symbols": [%q]}]}}]}`, module, pkg, symbol)
	if err := os.WriteFile(filepath.Join(dir, "GO-0000-0001.json"), []byte(entry), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + dir
}

// TestVulnerabilities: what `make vuln` runs finds what is called, leaves alone what is
// not, and never passes without having looked.
func TestVulnerabilities(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		database, pkg string
		code          int
		says          string
	}{
		"called":      {madeUp(t, "github.com/spf13/cobra", "github.com/spf13/cobra", "Command.ExecuteContext"), "./internal/cli", 1, "cli.execute calls cobra.Command.ExecuteContext"},
		"not called":  {madeUp(t, "github.com/spf13/cobra", "github.com/spf13/cobra", "Command.ExecuteContext"), "./internal/finding", 0, "No vulnerabilities found."},
		"unreachable": {"http://127.0.0.1:1", "./internal/finding", 4, "NOT CHECKED for known vulnerabilities: http://127.0.0.1:1 cannot be reached from here"},
	} {
		t.Run(name, func(t *testing.T) {
			got := host.Run(t, host.Command{Path: filepath.Join(root, ".ci", "vuln"), Args: []string{test.pkg}, Dir: root, Env: []string{"VULNDB=" + test.database}})
			if said := got.Stdout + got.Stderr; got.ExitCode != test.code || !strings.Contains(said, test.says) {
				t.Errorf("exit %d, want %d and %q\n%s", got.ExitCode, test.code, test.says, said)
			}
		})
	}
}
