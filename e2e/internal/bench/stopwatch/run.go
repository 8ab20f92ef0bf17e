package stopwatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Run measures a job. It needs InBetween in main: on Linux a child's peak of
// memory begins with its parent's, and that of a benchmark that serves a
// registry is large, so this program once more, idle, stands between.
func Run(ctx context.Context, job Job) (Reading, error) {
	self, err := os.Executable()
	if err != nil {
		return Reading{}, err
	}
	dir, err := os.MkdirTemp("", "bench-stopwatch")
	if err != nil {
		return Reading{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	report := filepath.Join(dir, "reading")
	input, err := json.Marshal(job)
	if err != nil {
		return Reading{}, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), measuring+"="+report)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return Reading{}, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	content, err := os.ReadFile(report)
	if err != nil {
		return Reading{}, err
	}
	var reading Reading
	return reading, json.Unmarshal(content, &reading)
}
