package artifact_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// hub serves the hub's API; the platform names it as huggingface.co's mirror.
func hub(t *testing.T, answer func(path string) (int, string)) (artifact.Hub, *[]string) {
	t.Helper()
	asked := new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		code, body := answer(r.URL.Path)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	source, err := artifact.NewRegistry([]v1alpha1.Registry{
		{Host: "huggingface.co", Mirror: host}, {Host: host, PlainHTTP: true},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return artifact.Hub{Pages: source}, asked
}

// TestHubResolves a branch to the commit, which is what is rendered.
func TestHubResolves(t *testing.T) {
	source, asked := hub(t, func(string) (int, string) { return http.StatusOK, `{"id":"acme/fraud","sha":"` + commit + `"}` })
	for _, uri := range []string{"hf://acme/fraud", "hf://acme/fraud:main", "hf://acme/fraud:v1.0"} {
		got, err := source.Pin(t.Context(), parse(t, uri))
		if err != nil || got.Revision() != commit || got.StorageURI() != "hf://acme/fraud:"+commit {
			t.Errorf("%s: %s, %v", uri, got.StorageURI(), err)
		}
	}
	if want := "/api/models/acme/fraud/revision/main /api/models/acme/fraud/revision/main /api/models/acme/fraud/revision/v1.0"; strings.Join(*asked, " ") != want {
		t.Errorf("asked %v", *asked)
	}
	// A commit needs no question, nor does storage.
	for _, uri := range []string{"hf://acme/fraud:" + commit, "s3://models/fraud"} {
		if _, err := source.Pin(t.Context(), parse(t, uri)); err != nil || len(*asked) != 3 {
			t.Errorf("%s: %v after %v", uri, err, *asked)
		}
	}
}

// TestHubFaults: only the hub's own no is one.
func TestHubFaults(t *testing.T) {
	for name, test := range map[string]struct {
		code int
		body string
		want error
	}{
		"no such model": {http.StatusNotFound, `{"error":"x"}`, artifact.ErrNotFound},
		"private":       {http.StatusUnauthorized, "", artifact.ErrUnavailable},
		"no commit":     {http.StatusOK, `{"sha":"main"}`, artifact.ErrUnavailable},
		"no JSON":       {http.StatusOK, "<html>", artifact.ErrUnavailable},
	} {
		source, _ := hub(t, func(string) (int, string) { return test.code, test.body })
		got, err := source.Pin(t.Context(), parse(t, "hf://acme/fraud:main"))
		if !errors.Is(err, test.want) || got.Resolved() {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}
