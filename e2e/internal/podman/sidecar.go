package podman

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// CMP starts an image as the sidecar of Argo CD's repo-server, until the test ends:
// the pod mounts argocd-cmp-server into it and a directory for the socket, the user
// has no name and no HOME, and of the rest only /tmp can be written. The image
// brings plugin.yaml.
func CMP(tb testing.TB, e *Engine, image, plugin string) *host.Plugin {
	tb.Helper()
	// A short path: that of a socket may have 108 bytes at most.
	sockets, err := os.MkdirTemp("", "cmp")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(sockets) })
	if err := os.Chmod(sockets, 0o777); err != nil { // the user is another one
		tb.Fatal(err)
	}
	server := host.Peer(tb, peer.CMPServer)
	name := filepath.Base(sockets)
	cmd := exec.Command(filepath.Join(e.bin, "podman"), "run", "--rm", "--name", name, "--pull=never",
		"--user", "999", "--unsetenv", "HOME", "--read-only", "--tmpfs", "/tmp", "--network", "none",
		"--security-opt=no-new-privileges", "--cap-drop=all",
		"--volume", filepath.Dir(server)+":/var/run/argocd:ro", "--volume", sockets+":/home/argocd/cmp-server/plugins",
		"--entrypoint", "/var/run/argocd/"+filepath.Base(server), image, "--logformat", "text")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // it is always killed
	}()
	tb.Cleanup(func() {
		if output, err := exec.Command(filepath.Join(e.bin, "podman"), "rm", "--force", "--ignore", "--time", "0", name).CombinedOutput(); err != nil {
			tb.Errorf("podman rm: %v\n%s", err, output)
		}
		<-exited
		if tb.Failed() {
			tb.Logf("sidecar:\n%s", log.String())
		}
	})
	return host.PluginAt(tb, filepath.Join(sockets, plugin+".sock"), exited)
}
