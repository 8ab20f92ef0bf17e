package registry_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestPushAndPull asks both kinds of registry for the same: what was pushed.
func TestPushAndPull(t *testing.T) {
	for kind, start := range map[string]func(...registry.Option) (*registry.Server, error){
		"plain http": registry.Start,
		"named": func(opts ...registry.Option) (*registry.Server, error) {
			return registry.StartNamed("registry.example.com", opts...)
		},
	} {
		t.Run(kind, func(t *testing.T) {
			server, err := start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			tag := push(t, server, "models/fraud")
			if _, err := remote.Get(tag, remote.WithTransport(server.Transport())); err != nil {
				t.Error(err)
			}
			if got, want := server.Requests(), "GET /v2/models/fraud/manifests/v1"; !slices.Contains(got, want) {
				t.Errorf("Requests() = %v, want %q among them", got, want)
			}
		})
	}
}

func TestReferrers(t *testing.T) {
	for reason, tt := range map[string]struct {
		opts []registry.Option
		want int
	}{
		"on by default": {want: http.StatusOK},
		"off":           {opts: []registry.Option{registry.WithoutReferrers()}, want: http.StatusNotFound},
	} {
		t.Run(reason, func(t *testing.T) {
			server, err := registry.Start(tt.opts...)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			// Of a repository that does not exist nothing can be asked.
			push(t, server, "models/fraud")
			url := "http://" + server.Host() + "/v2/models/fraud/referrers/sha256:" + strings.Repeat("0", 64)
			resp, err := (&http.Client{Transport: server.Transport()}).Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode != tt.want {
				t.Errorf("%s: %s, want %d", url, resp.Status, tt.want)
			}
		})
	}
}

func TestNamedReachesNothingElse(t *testing.T) {
	server, err := registry.StartNamed("registry.example.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client := &http.Client{Transport: server.Transport()}
	for _, url := range []string{"https://other.example.com/", "http://registry.example.com/", "https://registry.example.com:8443/"} {
		resp, err := client.Get(url)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s, want it refused", url, resp.Status)
			}
		} else if !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s: %v, want it refused by the proxy", url, err)
		}
	}
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("Requests() = %v, want none", got)
	}
}

func push(t *testing.T, server *registry.Server, path string) name.Tag {
	t.Helper()
	repository, err := server.Repository(path)
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	tag := repository.Tag("v1")
	if err := remote.Write(tag, image, remote.WithTransport(server.Transport())); err != nil {
		t.Fatal(err)
	}
	return tag
}
