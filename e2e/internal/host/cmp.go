package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Plugin is a running Argo CD config management plugin server.
type Plugin struct {
	socket string
	log    *lockedBuffer
	pid    int
}

// CMP starts argocd-cmp-server with a plugin.yaml, as the sidecar of a
// repo-server does. Like the sidecar's, its environment is short: PATH, a
// directory for temporary files and what env adds. HOME is not set.
func CMP(tb testing.TB, pluginYAML string, env []string) *Plugin {
	tb.Helper()
	dir := shortTempDir(tb)
	if err := os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte(pluginYAML), 0o644); err != nil {
		tb.Fatal(err)
	}
	socket, err := socketName(pluginYAML)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Plugin{socket: filepath.Join(dir, socket), log: &lockedBuffer{}}
	cmd := exec.Command(Peer(tb, peer.CMPServer), "--config-dir-path", dir, "--logformat", "text")
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir,
		"ARGOCD_PLUGINSOCKFILEPATH=" + dir, "ARGOCD_CMP_WORKDIR=" + dir,
	}, env...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	p.pid = cmd.Process.Pid
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // cmd.ProcessState tells the same
	}()
	tb.Cleanup(func() {
		// On SIGTERM it takes its socket away, but goes on serving.
		_ = cmd.Process.Kill()
		<-exited
		if tb.Failed() {
			tb.Logf("argocd-cmp-server:\n%s", p.Log())
		}
	})
	if err := p.awaitSocket(exited); err != nil {
		tb.Fatalf("argocd-cmp-server: %v", err) // the clean-up shows its log
	}
	return p
}

// PluginAt waits for a server that somebody else has started, and closes exited
// when it ends. Its log stays with them.
func PluginAt(tb testing.TB, socket string, exited <-chan struct{}) *Plugin {
	tb.Helper()
	p := &Plugin{socket: socket, log: &lockedBuffer{}}
	if err := p.awaitSocket(exited); err != nil {
		tb.Fatalf("argocd-cmp-server: %v", err)
	}
	return p
}

// Generate sends the files under root and asks for the manifests of the
// application in app, a directory of root. Stdout holds them as a stream of
// JSON documents; Stderr what a user of Argo CD would read when it fails.
// Variables of the application go into env, as NAME=VALUE.
func (p *Plugin) Generate(tb testing.TB, root, app string, env ...string) Result {
	tb.Helper()
	args := []string{"-sock", p.socket, "-root", root, "-app", app, "-call", "generate"}
	for _, variable := range env {
		args = append(args, "-env", variable)
	}
	return Run(tb, Command{Path: Peer(tb, peer.CMPDrive), Args: args})
}

// Made is what the plugin made of one application, or why not.
type Made struct {
	App       string
	Manifests []string
	Error     string
	Seconds   float64
}

// GenerateAll asks for the manifests of many applications at once, each a directory
// that is its own repository. Memory is the most that the server and all that it
// started held at one time, in bytes; 0 where the system does not tell.
func (p *Plugin) GenerateAll(tb testing.TB, apps []string) (made []Made, memory int64) {
	tb.Helper()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watch(p.pid, stop) }()
	result := Run(tb, Command{Path: Peer(tb, peer.CMPDrive), Args: append([]string{"-sock", p.socket, "-call", "each"}, apps...)})
	close(stop)
	memory = <-peak
	if result.ExitCode != 0 {
		tb.Fatalf("cmp-drive: exit %d: %s", result.ExitCode, result.Stderr)
	}
	for decoder := json.NewDecoder(strings.NewReader(result.Stdout)); ; {
		var one Made
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return made, memory
		} else if err != nil {
			tb.Fatal(err)
		}
		made = append(made, one)
	}
}

// Match sends the files under root and asks whether the application in app is the
// plugin's, which Argo CD does of an Application that names none. Stderr has the
// answer.
func (p *Plugin) Match(tb testing.TB, root, app string) Result {
	tb.Helper()
	return Run(tb, Command{Path: Peer(tb, peer.CMPDrive), Args: []string{"-sock", p.socket, "-root", root, "-app", app, "-call", "match"}})
}

// Announce asks which parameters the application in app has, as Argo CD's user
// interface does. Stderr has the answer.
func (p *Plugin) Announce(tb testing.TB, root, app string) Result {
	tb.Helper()
	return Run(tb, Command{Path: Peer(tb, peer.CMPDrive), Args: []string{"-sock", p.socket, "-root", root, "-app", app, "-call", "params"}})
}

// watch is the most memory of a process and its descendants until it is stopped.
func watch(pid int, stop <-chan struct{}) (most int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		most = max(most, memoryOf(pid))
		select {
		case <-stop:
			return most
		case <-tick.C:
		}
	}
}

// Log is what the server wrote so far. A plugin's stderr is only there when it
// succeeds.
func (p *Plugin) Log() string { return p.log.String() }

// awaitSocket returns when the server answers, has exited, or took too long.
func (p *Plugin) awaitSocket(exited <-chan struct{}) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(20 * time.Second)
	for {
		if conn, err := net.Dial("unix", p.socket); err == nil {
			return conn.Close()
		}
		select {
		case <-exited:
			return errors.New("exited before it served")
		case <-timeout:
			return fmt.Errorf("%s: no answer", p.socket)
		case <-tick.C:
		}
	}
}

// socketName is the one that the server derives from its configuration.
func socketName(pluginYAML string) (string, error) {
	var plugin struct {
		Metadata struct{ Name string }
		Spec     struct{ Version string }
	}
	if err := yaml.Unmarshal([]byte(pluginYAML), &plugin); err != nil {
		return "", fmt.Errorf("plugin.yaml: %w", err)
	}
	if plugin.Spec.Version != "" {
		return plugin.Metadata.Name + "-" + plugin.Spec.Version + ".sock", nil
	}
	return plugin.Metadata.Name + ".sock", nil
}

// shortTempDir is for sockets: a path of one may have 108 bytes at most, and
// TB.TempDir spends most of them on the test's name.
func shortTempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "cmp")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// lockedBuffer is read while the process still writes.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
