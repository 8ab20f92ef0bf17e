package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Program is a registry that people run. Neither has the referrers API.
type Program string

// The programs that Real runs.
const (
	Debian       Program = "debian"       // docker-registry 2.8.2, as Debian packages it
	Distribution Program = "distribution" // distribution v3.1.2
)

// Programs lists all of them.
func Programs() []Program { return []Program{Debian, Distribution} }

func (p Program) path() (string, error) {
	switch p {
	case Debian:
		return peer.DockerRegistry()
	case Distribution:
		return peer.Path(peer.Registry)
	default:
		return "", fmt.Errorf("registry program %q: unknown", string(p))
	}
}

// Real runs a registry program, empty, until the test ends. It is reached over
// TLS on a free port of 127.0.0.1, and wants a password unless told otherwise.
// This process ends the TLS and counts the requests; all answers are the
// program's, the refusals of strangers too.
func Real(tb testing.TB, program Program, opts ...Option) *Server {
	tb.Helper()
	binary, err := program.path()
	if err != nil {
		tb.Fatal(err)
	}
	// Not TB.TempDir: the path of a socket may have 108 bytes at most, and the
	// test's name would spend most of them.
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{}
	if newOptions(opts).password {
		s.login = login{"publisher", "not a secret: " + filepath.Base(dir)}
	}
	p, err := s.run(binary, dir)
	if err != nil {
		tb.Fatalf("registry %s: %v", program, err)
	}
	tb.Cleanup(func() {
		if err := p.Kill(); err != nil {
			tb.Errorf("registry %s: %v", program, err)
		}
		if tb.Failed() {
			tb.Logf("registry %s:\n%s", program, p.Printed())
		}
	})
	listener, err := s.listenTLS("127.0.0.1")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	s.host = listener.Addr().String()
	s.serve(listener, s.handler(forward(socketIn(dir)), opts))
	if err := s.configureIn(dir); err != nil {
		tb.Fatal(err)
	}
	return s
}

// configureIn writes what tools need to enter, and points Env to it.
func (s *Server) configureIn(dir string) error {
	tools := filepath.Join(dir, "tools")
	if err := os.Mkdir(tools, 0o755); err != nil {
		return err
	}
	trust, err := s.trustIn(tools)
	if err != nil {
		return err
	}
	docker, err := s.login.configureIn(tools, s.host)
	if err != nil {
		return err
	}
	proxy, err := s.startTunnel(s.host, s.host)
	if err != nil {
		return err
	}
	s.env = append(append(trust, docker), through(proxy)...)
	return nil
}
