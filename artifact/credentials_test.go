package artifact_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// login writes a docker configuration with one registry's credentials.
func login(t *testing.T, host, auth string) {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf(`{"auths":{%q:%s}}`, host, auth)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", dir)
}

// TestCredentialsStayWithTheirRegistry: a registry that asks for a login gets
// none that belongs to another.
func TestCredentialsStayWithTheirRegistry(t *testing.T) {
	ours, theirs := signed(t, true), signed(t, true)
	login(t, ours.Host, `{"username":"robot","password":"secret"}`)
	var leaked atomic.Bool
	challenge := func(w http.ResponseWriter, req *http.Request) bool {
		if _, _, ok := req.BasicAuth(); ok {
			leaked.Store(true)
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="models"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	ours.Intercept(challenge)
	if _, err := ask(t.Context(), t, ours); err != nil || !leaked.Load() {
		t.Fatalf("%v: the registry itself must get its credentials", err)
	}
	leaked.Store(false)
	theirs.Intercept(challenge)
	_, err := ask(t.Context(), t, theirs)
	if err == nil || leaked.Load() {
		t.Errorf("%v, credentials sent to a stranger: %t", err, leaked.Load())
	}
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("%v", err)
	}
}

// TestTokenExchangeIsRetried: it is the one request with a body, which must be
// sent again in full.
func TestTokenExchangeIsRetried(t *testing.T) {
	r := signed(t, true)
	login(t, r.Host, `{"identitytoken":"refresh-me"}`)
	var exchanges atomic.Int32
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		switch {
		case req.URL.Path == "/token":
			got := req.PostFormValue("refresh_token")
			if exchanges.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			if got != "refresh-me" {
				t.Errorf("the second exchange carries the token %q", got)
			}
			_, _ = w.Write([]byte(`{"access_token":"granted","token":"granted"}`))
			return true
		case req.Header.Get("Authorization") == "Bearer granted":
			return false
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+r.Host+`/token",service="models"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
	})
	got, err := ask(t.Context(), t, r)
	if err != nil || got.Digest() != kit.Digest() {
		t.Errorf("%s, %v", got.Digest(), err)
	}
	if n := exchanges.Load(); n != 2 {
		t.Errorf("%d token exchanges, want one failure and one success", n)
	}
}
