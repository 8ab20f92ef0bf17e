package host_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

func TestMain(m *testing.M) {
	host.MeasureInBetween()
	os.Exit(m.Run())
}

// TestMeasure: the peak is the program's own, whatever these tests hold.
func TestMeasure(t *testing.T) {
	held := make([]byte, 256<<20)
	for i := 0; i < len(held); i += os.Getpagesize() {
		held[i] = 1 // a page that nobody wrote to takes no memory
	}
	result, peak := host.Measure(t, host.Command{Path: "sh", Args: []string{"-c", "cat; echo done >&2; exit 3"}, Stdin: "text"})
	if result != (host.Result{Stdout: "text", Stderr: "done\n", ExitCode: 3}) {
		t.Errorf("%+v", result)
	}
	if runtime.GOOS == "linux" && (peak == 0 || peak > 64<<20) {
		t.Errorf("sh held %d bytes", peak)
	}
	runtime.KeepAlive(held)
}
