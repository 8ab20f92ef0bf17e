package registry_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

func TestReal(t *testing.T) {
	for _, program := range registry.Programs() {
		t.Run(string(program), func(t *testing.T) {
			server := registry.Real(t, program)
			repository, err := server.Repository("models/fraud")
			if err != nil {
				t.Fatal(err)
			}
			image, err := random.Image(1<<20, 2) // more than one write
			if err != nil {
				t.Fatal(err)
			}
			tag := repository.Tag("v1")
			if err := remote.Write(tag, image, server.Remote(t.Context())...); err != nil {
				t.Fatal(err)
			}
			if _, err := remote.Get(tag, server.Remote(t.Context())...); err != nil {
				t.Error(err)
			}
			if got, want := server.Requests(), "GET /v2/models/fraud/manifests/v1"; !slices.Contains(got, want) {
				t.Errorf("Requests() = %v, want %q among them", got, want)
			}
			_, err = remote.Get(tag, remote.WithTransport(server.Transport()))
			if err == nil || !strings.Contains(err.Error(), "UNAUTHORIZED") {
				t.Errorf("without the login: %v, want UNAUTHORIZED", err)
			}
		})
	}
}

func TestRealWithoutPassword(t *testing.T) {
	for _, program := range registry.Programs() {
		t.Run(string(program), func(t *testing.T) {
			server := registry.Real(t, program, registry.WithoutPassword())
			if username, password := server.Login(); username != "" || password != "" {
				t.Errorf("Login() = %q, %q, want nobody", username, password)
			}
			if got := status(t, server, "https://"+server.Host()+"/v2/"); got != http.StatusOK {
				t.Errorf("GET /v2/: %d", got)
			}
		})
	}
}

// TestRealEnv asks as a tool does, in a process of its own.
func TestRealEnv(t *testing.T) {
	if os.Getenv("E2E_ASK") != "" {
		resp, err := http.Get(os.Getenv("E2E_ASK"))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_ = resp.Body.Close()
		fmt.Println(resp.Status)
		os.Exit(1)
	}
	server := registry.Real(t, registry.Debian)
	for url, want := range map[string]string{
		"https://" + server.Host() + "/v2/": "401 Unauthorized",
		"https://other.example.com/":        "Forbidden",
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(append(os.Environ(), "E2E_ASK="+url), server.Env()...)
		if output, _ := cmd.Output(); !strings.Contains(string(output), want) {
			t.Errorf("%s: %s, want %s", url, output, want)
		}
	}
}

func TestRealSpeaksTLSAlone(t *testing.T) {
	server := registry.Real(t, registry.Debian)
	if got := status(t, server, "http://"+server.Host()+"/v2/"); got != http.StatusBadRequest {
		t.Errorf("over plain http: %d, want %d", got, http.StatusBadRequest)
	}
	resp, err := http.Get("https://" + server.Host() + "/v2/")
	if err == nil {
		_ = resp.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "x509") {
		t.Errorf("with the system's authorities: %v, want an x509 error", err)
	}
}

func TestRealWithMiddleware(t *testing.T) {
	down := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	}
	server := registry.Real(t, registry.Debian, registry.WithMiddleware(down))
	if got := status(t, server, "https://"+server.Host()+"/v2/"); got != http.StatusServiceUnavailable {
		t.Errorf("GET /v2/: %d, want %d", got, http.StatusServiceUnavailable)
	}
}

func status(t *testing.T, server *registry.Server, url string) int {
	t.Helper()
	resp, err := (&http.Client{Transport: server.Transport()}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}
