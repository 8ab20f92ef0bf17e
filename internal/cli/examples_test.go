package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/host"
)

// TestReferenceExamples renders every example with models and compares it with what
// is written down; `make generate` writes it down anew. What hosts read (examples/argocd,
// examples/flux) they judge themselves, in e2e.
func TestReferenceExamples(t *testing.T) {
	locks, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", host.LockFile))
	if err != nil || len(locks) == 0 {
		t.Fatalf("%d examples, %v", len(locks), err)
	}
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	for _, l := range locks {
		dir := filepath.Dir(l)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := Main(t.Context(), Process{
				Args: []string{"modelfn", "build", dir}, Stdin: stdin, Stdout: &stdout, Stderr: &stderr,
			})
			// The quickstart has a canary.
			said := strings.HasPrefix(stderr.String(), "warning: first-canary: ") && strings.Count(stderr.String(), "\n") == 1
			if code != 0 || said != (filepath.Base(dir) == "quickstart") || !said && stderr.Len() > 0 {
				t.Fatalf("exit %d\n%s", code, stderr.String())
			}
			path := filepath.Join("testdata", "examples", filepath.Base(dir)+".yaml")
			if *update {
				if err := os.WriteFile(path, stdout.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), stdout.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
