package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

func TestKpt(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/kpt")); err != nil {
		t.Fatal(err)
	}
	function, err := filepath.Abs("testdata/paint.sh")
	if err != nil {
		t.Fatal(err)
	}
	result := host.Kpt(t, dir, "fn", "eval", ".", "--exec", function)
	content, err := os.ReadFile(filepath.Join(dir, "configmap.yaml"))
	if err != nil || result.ExitCode != 0 || !strings.Contains(string(content), "colour: blue") {
		t.Errorf("kpt fn eval: exit %d, stderr %q, file (%v):\n%s", result.ExitCode, result.Stderr, err, content)
	}
}
