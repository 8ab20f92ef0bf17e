package stopwatch_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
)

func TestMain(m *testing.M) {
	stopwatch.InBetween()
	os.Exit(m.Run())
}

// TestRun: what is read is the job's own, descendants included, whatever this
// process holds.
func TestRun(t *testing.T) {
	held := make([]byte, 256<<20)
	for i := 0; i < len(held); i += os.Getpagesize() {
		held[i] = 1 // a page that nobody wrote to takes no memory
	}
	input := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(input, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(t.TempDir(), "output")
	spin := "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
	reading, err := stopwatch.Run(t.Context(), stopwatch.Job{Output: output, Separator: "|", Commands: []stopwatch.Command{
		{Args: []string{"sh", "-c", "cat; sh -c '" + spin + "'"}, Stdin: input},
		{Args: []string{"sh", "-c", `echo "$0 $WORD"`, "second"}, Env: []string{"WORD=word"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	printed, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if want := "text|second word\n"; string(printed) != want || reading.Output != int64(len(want)) {
		t.Errorf("printed %q, %d bytes; want %q", printed, reading.Output, want)
	}
	if reading.CPU <= 0 || reading.Wall <= 0 {
		t.Errorf("%+v: counting to 200000 took nothing", reading)
	}
	if runtime.GOOS == "linux" && (reading.Peak == 0 || reading.Peak > 64<<20) {
		t.Errorf("sh held %d bytes", reading.Peak)
	}
	runtime.KeepAlive(held)
}

func TestRunFails(t *testing.T) {
	_, err := stopwatch.Run(t.Context(), stopwatch.Job{Commands: []stopwatch.Command{
		{Args: []string{"sh", "-c", "echo this is why >&2; exit 3"}},
	}})
	if err == nil || !strings.Contains(err.Error(), "this is why") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("Run = %v, want the status and what was said", err)
	}
}
