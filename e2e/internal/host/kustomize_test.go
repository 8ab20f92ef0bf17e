package host_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

func TestKustomize(t *testing.T) {
	result := host.Kustomize(t, "testdata/kustomize", "--enable-alpha-plugins", "--enable-exec")
	if result.ExitCode != 0 || !strings.Contains(result.Stdout, "colour: blue") {
		t.Errorf("kustomize build: exit %d, stderr %q, stdout:\n%s", result.ExitCode, result.Stderr, result.Stdout)
	}
}

func TestKustomizeWithoutPlugins(t *testing.T) {
	result := host.Kustomize(t, "testdata/kustomize")
	if result.ExitCode == 0 || !strings.Contains(result.Stderr, "external plugins disabled") {
		t.Errorf("kustomize build: exit %d, want it to refuse the plugin; stderr %q", result.ExitCode, result.Stderr)
	}
}
