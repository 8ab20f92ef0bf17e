package cluster

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/process"
)

func TestParse(t *testing.T) {
	objects, err := Parse(strings.NewReader("# only a comment\n---\nkind: A\ncount: 1\n---\n\n---\nkind: B\n"))
	if err != nil || len(objects) != 2 || objects[0].GetKind() != "A" || objects[1].GetKind() != "B" {
		t.Fatalf("Parse() = %v, %v", objects, err)
	}
	// A float would differ from what the API server answers.
	if n, ok := objects[0].Object["count"].(int64); !ok || n != 1 {
		t.Errorf("count is a %T", objects[0].Object["count"])
	}
}

// TestRunOnPort: only a port that was taken meanwhile is worth another try.
func TestRunOnPort(t *testing.T) {
	c := &Cluster{dir: t.TempDir()}
	for name, tt := range map[string]struct{ script, reason string }{
		"taken":  {"echo listen: address already in use; exit 1", "each port was taken"},
		"broken": {"echo no such flag; exit 1", "no such flag"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.runOnPort(name, func(string) process.Command {
				return process.Command{Path: "sh", Args: []string{"-c", tt.script}}
			})
			if err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("runOnPort() = %v, want %q", err, tt.reason)
			}
		})
	}
}
