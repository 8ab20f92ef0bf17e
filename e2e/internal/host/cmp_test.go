package host_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

const pluginYAML = `apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata:
  name: sample
spec:
  %s
  generate:
    command: [sh, -c]
    args: [%q]
`

func TestCMP(t *testing.T) {
	for name, tt := range map[string]struct {
		version, script string
		env             []string
		exit            int
		stdout, stderr  string
	}{
		"manifests come back as JSON": {
			script: "cat configmap.yaml",
			stdout: `{"apiVersion":"v1","data":{"colour":"red"},"kind":"ConfigMap","metadata":{"name":"wall"}}`,
		},
		"a version is part of the socket's name": {
			version: "version: v1",
			script:  "cat configmap.yaml",
			stdout:  `"kind":"ConfigMap"`,
		},
		"the application's variables reach the command": {
			script: `sed "s/red/$ARGOCD_ENV_COLOUR/" configmap.yaml`,
			env:    []string{"ARGOCD_ENV_COLOUR=green"},
			stdout: `{"colour":"green"}`,
		},
		"a failure shows what the command wrote to stderr": {
			script: "echo no such colour >&2; exit 3",
			exit:   1,
			stderr: "failed exit status 3: no such colour",
		},
		"HOME is not set": {
			script: `test -z "${HOME+set}" && cat configmap.yaml`,
			stdout: `"kind":"ConfigMap"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			plugin := host.CMP(t, fmt.Sprintf(pluginYAML, tt.version, tt.script), nil)
			result := plugin.Generate(t, "testdata", "testdata/app", tt.env...)
			if result.ExitCode != tt.exit {
				t.Errorf("exit %d, want %d", result.ExitCode, tt.exit)
			}
			if !strings.Contains(result.Stdout, tt.stdout) {
				t.Errorf("stdout %q, want it to contain %q", result.Stdout, tt.stdout)
			}
			if !strings.Contains(result.Stderr, tt.stderr) {
				t.Errorf("stderr %q, want it to contain %q", result.Stderr, tt.stderr)
			}
		})
	}
}
