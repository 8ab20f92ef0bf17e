package host

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

// RepoServer is a running argocd-repo-server with its Redis.
type RepoServer struct {
	address string
	server  *process.Process
}

// StartRepoServer starts argocd-repo-server beside a plugin, whose socket it looks
// for where it is, as in the pod.
func StartRepoServer(tb testing.TB, plugin *Plugin, flags ...string) *RepoServer {
	tb.Helper()
	dir := shortTempDir(tb)
	redis := startRedis(tb, dir)
	for range 5 {
		port, metrics := freePort(tb), freePort(tb)
		server := start(tb, "argocd-repo-server", process.Command{
			Path: Peer(tb, peer.RepoServer),
			Args: append([]string{
				"--address=127.0.0.1", "--port=" + port, "--metrics-address=127.0.0.1", "--metrics-port=" + metrics,
				"--disable-tls", "--redis=" + redis, "--logformat=text",
			}, flags...),
			Dir: filepath.Join(dir, "server"),
			Env: []string{
				"ARGOCD_PLUGINSOCKFILEPATH=" + filepath.Dir(plugin.socket),
				// It writes below TMPDIR and asks for no passwords of repositories.
				"TMPDIR=" + dir, "HOME=" + dir, "ARGOCD_ASK_PASS_SOCK=" + filepath.Join(dir, "askpass.sock"),
				"ARGOCD_GPG_ENABLED=false", "ARGOCD_SSH_DATA_PATH=" + dir, "ARGOCD_TLS_DATA_PATH=" + dir,
				"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
			},
		})
		s := &RepoServer{net.JoinHostPort("127.0.0.1", port), server}
		err := server.Await(func() error { return dials("tcp", s.address) })
		if err == nil {
			return s
		}
		if !strings.Contains(server.Printed(), "address already in use") {
			tb.Fatalf("argocd-repo-server: %v", err)
		}
	}
	tb.Fatal("argocd-repo-server: each port was taken by another program")
	return nil
}

// Manifests asks for those of an application whose directory is below the root of a
// repository, with the flags of repo-drive. Stdout holds them as a stream of JSON
// documents; Stderr what the user of Argo CD reads when there are none.
func (s *RepoServer) Manifests(tb testing.TB, repository, dir string, flags ...string) Result {
	tb.Helper()
	args := append([]string{"-addr", s.address, "-repo", repository, "-path", dir}, flags...)
	return Run(tb, Command{Path: Peer(tb, peer.RepoDrive), Args: args})
}

// Log is what the server wrote so far.
func (s *RepoServer) Log() string { return s.server.Printed() }

// startRedis serves on a socket: there is no port that another program could take.
func startRedis(tb testing.TB, dir string) string {
	tb.Helper()
	binary, err := peer.Redis()
	if err != nil {
		tb.Fatal(err)
	}
	socket := filepath.Join(dir, "redis.sock")
	p := start(tb, "redis-server", process.Command{
		Path: binary, Args: []string{"--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"},
		Dir: filepath.Join(dir, "redis"),
	})
	if err := p.Await(func() error { return dials("unix", socket) }); err != nil {
		tb.Fatalf("redis-server: %v", err)
	}
	return socket
}

// start runs a program until the test ends, in a directory that it makes.
func start(tb testing.TB, name string, command process.Command) *process.Process {
	tb.Helper()
	if err := os.MkdirAll(command.Dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	p, err := process.Start(command)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	tb.Cleanup(func() {
		if err := p.Kill(); err != nil {
			tb.Errorf("%s: %v", name, err)
		}
		if tb.Failed() {
			tb.Logf("%s:\n%s", name, p.Printed())
		}
	})
	return p
}

func freePort(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func dials(network, address string) error {
	connection, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	return connection.Close()
}
