package registry

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/process"
)

// socketIn is where a program serves: no port to be taken by another process
// between choosing and using it, and no way in beside the one that counts.
func socketIn(dir string) string { return filepath.Join(dir, "registry.sock") }

// run starts a program that keeps everything in dir, and returns when it serves.
func (s *Server) run(binary, dir string) (*process.Process, error) {
	config := map[string]any{
		"version": "0.1",
		"log":     map[string]any{"level": "warn", "accesslog": map[string]any{"disabled": true}},
		"storage": map[string]any{
			"filesystem": map[string]any{"rootdirectory": filepath.Join(dir, "storage")},
			"delete":     map[string]any{"enabled": true},
		},
		"http": map[string]any{"net": "unix", "addr": socketIn(dir), "secret": "e2e"},
	}
	if s.login != (login{}) {
		users, err := s.login.htpasswd()
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, "htpasswd")
		if err := os.WriteFile(file, users, 0o600); err != nil {
			return nil, err
		}
		config["auth"] = map[string]any{"htpasswd": map[string]any{"realm": "e2e", "path": file}}
	}
	content, err := yaml.Marshal(config)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return nil, err
	}
	p, err := process.Start(process.Command{
		Path: binary, Args: []string{"serve", file}, Dir: dir,
		// distribution v3 sends traces to localhost:4318 unless told not to.
		Env: []string{"OTEL_TRACES_EXPORTER=none"},
	})
	if err != nil {
		return nil, err
	}
	if err := p.Await(func() error { return answers(socketIn(dir)) }); err != nil {
		_ = p.Kill()
		return nil, err
	}
	return p, nil
}

// answers asks a program for what every registry has, as a stranger.
func answers(socket string) error {
	transport := dial(socket)
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://registry/v2/")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("GET /v2/: %s", resp.Status)
	}
	return nil
}

// forward passes requests on to a program, which learns from their headers
// under what address to send clients onwards.
func forward(socket string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "registry"})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: dial(socket),
		ErrorLog:  log.New(io.Discard, "", 0), // clients that go away are expected
	}
}

func dial(socket string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
}
