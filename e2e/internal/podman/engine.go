// Package podman runs images as kustomize, kpt and Argo CD do, in podman with
// a storage of its own: nothing is pulled, and nothing stays on the machine.
package podman

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// Engine is podman, and the `docker` and `podman` that hosts find on the path.
type Engine struct {
	bin, log string
}

// Start makes an engine without images. Podman and runc must be installed.
func Start(tb testing.TB) *Engine {
	tb.Helper()
	podman, err := find("podman", "runc")
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	e := &Engine{bin: filepath.Join(dir, "bin"), log: filepath.Join(dir, "calls")}
	settings, err := configureIn(dir)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Mkdir(e.bin, 0o755); err != nil {
		tb.Fatal(err)
	}
	for _, name := range []string{"docker", "podman"} {
		script := fmt.Sprintf(shim, e.log, settings, podman)
		if err := os.WriteFile(filepath.Join(e.bin, name), []byte(script), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Cleanup(func() {
		// By podman itself: not every layer is its caller's to remove. The test's
		// context has ended, so not by host.Run.
		if output, err := exec.Command(filepath.Join(e.bin, "podman"), "rmi", "--all", "--force").CombinedOutput(); err != nil {
			tb.Errorf("podman rmi: %v\n%s", err, output)
		}
	})
	return e
}

// shim is Debian's podman under another name: kpt asks docker for its version, and
// wants 20.10. What it is called with is recorded, a line for each call.
const shim = `#!/bin/sh
printf '%%s\t' "$@" >>%[1]q
echo >>%[1]q
if [ "${0##*/} $1" = "docker version" ]; then
  echo 20.10.24
  exit
fi
%[2]sexec %[3]q "$@"
`

// find returns the first of the programs, once all are there.
func find(programs ...string) (string, error) {
	for _, name := range programs {
		// Debian's runc is in a directory that not everybody has on the path.
		if _, err := exec.LookPath(name); err != nil {
			if _, here := os.Stat("/usr/sbin/" + name); here != nil {
				return "", errors.Join(err, fmt.Errorf("on Debian, `apt-get install -y --no-install-recommends %s` brings it", strings.Join(programs, " ")))
			}
		}
	}
	return exec.LookPath(programs[0])
}

// configureIn writes podman's configuration, and returns the shell's lines that
// choose it.
func configureIn(dir string) (string, error) {
	// More than the machine allows is no limit that a container can be given.
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return "", err
	}
	var lines strings.Builder
	for _, f := range []struct{ variable, name, content string }{
		{"CONTAINERS_CONF", "containers.conf", fmt.Sprintf(`[containers]
default_ulimits = ["nofile=%[2]d:%[2]d", "nproc=10000:10000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = "%[1]s/tmp"
volume_path = "%[1]s/volumes"
[network]
network_config_dir = "%[1]s/networks"
`, dir, files.Max)},
		{"CONTAINERS_STORAGE_CONF", "storage.conf", fmt.Sprintf(`[storage]
driver = "vfs"
graphroot = "%[1]s/images"
runroot = "%[1]s/run"
`, dir)},
	} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, []byte(f.content), 0o644); err != nil {
			return "", err
		}
		fmt.Fprintf(&lines, "export %s=%q\n", f.variable, path)
	}
	return lines.String(), nil
}

// Env lets a host find this engine, under either name.
func (e *Engine) Env() []string {
	return []string{"PATH=" + e.bin + string(filepath.ListSeparator) + os.Getenv("PATH")}
}

// Podman runs podman.
func (e *Engine) Podman(tb testing.TB, stdin string, args ...string) host.Result {
	tb.Helper()
	return host.Run(tb, host.Command{Path: filepath.Join(e.bin, "podman"), Args: args, Stdin: stdin})
}

// Load takes an image from an archive, under a name.
func (e *Engine) Load(tb testing.TB, archive, name string) {
	tb.Helper()
	loaded := e.must(tb, "load", "--quiet", "--input", archive)
	_, image, ok := strings.Cut(loaded, "Loaded image: ")
	if !ok {
		tb.Fatalf("podman load: %q", loaded)
	}
	e.must(tb, "tag", strings.TrimSpace(image), name)
}

// Image is the identity of an image: the digest of its configuration.
func (e *Engine) Image(tb testing.TB, name string) string {
	tb.Helper()
	return strings.TrimSpace(e.must(tb, "image", "inspect", "--format", "{{.Id}}", name))
}

// must is what podman printed, provided that it succeeded.
func (e *Engine) must(tb testing.TB, args ...string) string {
	tb.Helper()
	result := e.Podman(tb, "", args...)
	if result.ExitCode != 0 {
		tb.Fatalf("podman %q: exit %d\n%s", args, result.ExitCode, result.Stderr)
	}
	return result.Stdout
}

// Calls are the arguments that podman or docker were called with so far.
func (e *Engine) Calls(tb testing.TB) [][]string {
	tb.Helper()
	content, err := os.ReadFile(e.log)
	if err != nil {
		tb.Fatal(err)
	}
	var calls [][]string
	for line := range strings.Lines(string(content)) {
		calls = append(calls, strings.Split(strings.TrimSuffix(line, "\t\n"), "\t"))
	}
	return calls
}
