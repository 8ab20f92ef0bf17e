package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/process"
)

// measuring names the file that the process between leaves the peak in.
const measuring = "E2E_MEASURING"

// Measure is Run, with the most memory that the program held in bytes; 0 where
// the system does not tell. It needs MeasureInBetween in the package's TestMain:
// on Linux a child's peak begins with its parent's, and that of tests that serve
// registries is large, so this test binary once more, idle, stands between.
func Measure(tb testing.TB, command Command) (result Result, peak int64) {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	report := filepath.Join(tb.TempDir(), "peak")
	command.Args = append([]string{command.Path}, command.Args...)
	command.Path = self
	command.Env = append(slices.Clone(command.Env), measuring+"="+report)
	result = Run(tb, command)
	content, err := os.ReadFile(report)
	if err != nil {
		tb.Fatalf("%q was not measured: %v\n%s", command.Args, err, result.Stderr)
	}
	if peak, err = strconv.ParseInt(string(content), 10, 64); err != nil {
		tb.Fatal(err)
	}
	return result, peak
}

// MeasureInBetween does nothing but in the process that Measure starts: there it
// runs the program and exits as it did.
func MeasureInBetween() {
	report := os.Getenv(measuring)
	if report == "" {
		return
	}
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.WriteFile(report, strconv.AppendInt(nil, process.Peak(cmd.ProcessState), 10), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}
