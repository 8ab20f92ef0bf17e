package cli_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What an answer may take, all processes of it together. Each takes about half of
// that time or less on two cores; more would be no slower machine, but another algorithm.
const (
	mostCPU    = 2 * time.Second
	mostMemory = 256 << 20
)

// door is where a text gets in: it lays it into a directory of the quickstart, and
// yields the command and what it reads from stdin.
type door func(t *testing.T, dir string, text []byte) (args []string, stdin []byte)

var doors = map[string]door{
	"a file of a plain directory": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		plainly(t, dir)
		put(t, filepath.Join(dir, "other.yaml"), string(text))
		return []string{"build", "."}, nil
	},
	"stdin of the function": func(_ *testing.T, _ string, text []byte) ([]string, []byte) {
		return []string{"fn"}, text
	},
	"a resource of a kustomization": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		put(t, filepath.Join(dir, "other.yaml"), string(text))
		edit(t, dir, "kustomization.yaml", "- fraud.yaml\n", "- fraud.yaml\n- other.yaml\n")
		return []string{"build", "."}, nil
	},
	"a patch of a kustomization": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		put(t, filepath.Join(dir, "other.yaml"), string(text))
		edit(t, dir, "kustomization.yaml", "transformers:", "patches: [{path: other.yaml, target: {kind: InferenceService}}]\ntransformers:")
		return []string{"build", "."}, nil
	},
	"a kustomization.yaml": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		put(t, filepath.Join(dir, "kustomization.yaml"), string(text))
		return []string{"build", "."}, nil
	},
	"the configuration of a transformer": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		put(t, filepath.Join(dir, "platform.yaml"), string(text))
		return []string{"build", "."}, nil
	},
	"a lock, as `verify` reads it": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		plainly(t, dir)
		put(t, filepath.Join(dir, "modelfn.lock.yaml"), string(text))
		return []string{"verify", "."}, nil
	},
	"a file beside what `lock` writes": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		plainly(t, dir)
		put(t, filepath.Join(dir, "other.yaml"), string(text))
		return []string{"lock", "."}, nil
	},
	"a file in Argo CD's plugin": func(t *testing.T, dir string, text []byte) ([]string, []byte) {
		t.Helper()
		plainly(t, dir)
		put(t, filepath.Join(dir, "other.yaml"), string(text))
		return []string{"build", "."}, []byte("ARGOCD_APP_NAME=fraud")
	},
}

// first is the door that every text is tried at.
const first = "a file of a plain directory"

func edit(t *testing.T, dir, name, before, after string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || !strings.Contains(string(raw), before) {
		t.Fatalf("%s without %q: %v", name, before, err)
	}
	put(t, filepath.Join(dir, name), strings.Replace(string(raw), before, after, 1))
}

// plainly makes plain files of the kustomization.
func plainly(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "kustomization.yaml")); err != nil {
		t.Fatal(err)
	}
}

// quickstart is a copy of the example.
func quickstart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "examples", "quickstart"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ran is one run of modelfn, and what it took.
type ran struct {
	code           int
	stdout, stderr string
	cpu            time.Duration
	memory         int64
}

func started(t *testing.T, dir string, stdin []byte, args ...string) ran {
	t.Helper()
	cmd := exec.Command("modelfn", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1", "GORACE=atexit_sleep_ms=0")
	if name, ok := bytes.CutPrefix(stdin, []byte("ARGOCD_")); ok {
		cmd.Env = append(cmd.Env, "ARGOCD_"+string(name))
		stdin = nil
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	state := cmd.ProcessState
	r := ran{code: state.ExitCode(), stdout: stdout.String(), stderr: stderr.String(), cpu: state.UserTime() + state.SystemTime()}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss << 10 // kilobytes in Linux
	}
	return r
}

// within tells whether the run kept to its bounds.
func (r ran) within(t *testing.T) {
	t.Helper()
	t.Logf("exit %d after %v of CPU time, %d MiB", r.code, r.cpu.Round(time.Millisecond), r.memory>>20)
	if len(r.stderr) > 8<<10 {
		t.Errorf("%d bytes on stderr", len(r.stderr))
	}
	if raceDetector {
		return
	}
	if r.cpu > mostCPU {
		t.Errorf("it took %v of CPU time, want at most %v", r.cpu, mostCPU)
	}
	if r.memory > mostMemory {
		t.Errorf("it took %d MiB, want at most %d", r.memory>>20, mostMemory>>20)
	}
}

// TestHostileTexts: whatever a repository or a host hands over, the answer comes soon,
// in little memory, and names the file and what is wrong with it.
func TestHostileTexts(t *testing.T) {
	if raceDetector {
		t.Log("with the race detector, neither time nor memory is judged")
	}
	for _, h := range hostileTexts {
		for _, name := range slices.Sorted(maps.Keys(doors)) {
			if !h.everywhere && name != first {
				continue
			}
			t.Run(h.input+"/"+name, func(t *testing.T) {
				t.Parallel()
				dir := quickstart(t)
				// Made here, and let go: what this process has counts as the other's, too.
				args, stdin := doors[name](t, dir, h.text())
				got := started(t, dir, stdin, args...)
				got.within(t)
				if h.refused == "" && name != "stdin of the function" {
					if got.code != 0 || !strings.Contains(got.stdout, "storageUri: kit://registry.example.com/models/fraud@sha256:") {
						t.Errorf("exit %d, want 0 and the model:\n%.2000s", got.code, got.stderr)
					}
					return
				}
				if got.code != 1 || got.stdout != "" && name != "a lock, as `verify` reads it" {
					t.Errorf("exit %d with %d bytes on stdout, want 1 with none:\n%.2000s", got.code, len(got.stdout), got.stderr)
				}
				want := []string{"error: ", "; fix: ", h.refused}
				if name == "stdin of the function" {
					want = []string{"error: resource-list: no ResourceList: ", "; fix: "}
				}
				for _, want := range want {
					if !strings.Contains(got.stderr, want) {
						t.Errorf("%q is not said:\n%.2000s", want, got.stderr)
					}
				}
			})
		}
	}
}

// TestSpellings: what is legitimate works, and gives the same.
func TestSpellings(t *testing.T) {
	for _, s := range spellings {
		for _, plain := range []bool{true, false} {
			if s.plain && !plain {
				continue
			}
			t.Run(s.input, func(t *testing.T) {
				t.Parallel()
				dir := quickstart(t)
				if plain {
					plainly(t, dir)
				}
				edit(t, dir, "fraud.yaml", "max: 4", "max: 1") // as the least, for an alias
				want := started(t, dir, nil, "build", ".")
				raw, err := os.ReadFile(filepath.Join(dir, "fraud.yaml"))
				if err != nil {
					t.Fatal(err)
				}
				put(t, filepath.Join(dir, "fraud.yaml"), s.written(string(raw)))
				got := started(t, dir, nil, "build", ".")
				if diff := cmp.Diff(want.stdout, got.stdout); got.code != 0 || diff != "" {
					t.Errorf("exit %d (-want +got):\n%s%s", got.code, diff, got.stderr)
				}
			})
		}
	}
}
