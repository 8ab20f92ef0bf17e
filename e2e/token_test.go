package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// tokens is a token endpoint with the registry behind it. The first token is
// good for a few requests, those after it for ever.
type tokens struct {
	host string
	// first is how many requests the first token is good for.
	first int

	mu             sync.Mutex
	issued, usedUp int
	refused        int
}

// TestExpiredToken: a token that the registry stops accepting is renewed once,
// in the middle of a lock, without anybody's noticing.
func TestExpiredToken(t *testing.T) {
	endpoint := &tokens{first: 2}
	w, app := faulty(t, endpoint.serve)
	endpoint.host = w.server.Host()
	w.lock(t, app)
	if n := len(readLock(t, app)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
	if endpoint.issued != 2 || endpoint.refused != 1 {
		t.Errorf("%d tokens issued, %d requests refused by an expired one, want 2 and 1", endpoint.issued, endpoint.refused)
	}
}

func (e *tokens) serve(rw http.ResponseWriter, req *http.Request, next http.Handler) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch token := req.Header.Get("Authorization"); {
	case req.URL.Path == "/token":
		e.issued++
		_ = json.NewEncoder(rw).Encode(map[string]any{"token": fmt.Sprint("token-", e.issued), "expires_in": 300})
		return
	case token == "Bearer token-1" && e.usedUp < e.first:
		e.usedUp++
	case token == "Bearer token-1":
		e.refused++
		e.challenge(rw)
		return
	case e.issued < 2 || token != fmt.Sprint("Bearer token-", e.issued):
		e.challenge(rw)
		return
	}
	next.ServeHTTP(rw, req)
}

func (e *tokens) challenge(rw http.ResponseWriter) {
	rw.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service=%q`, e.host, e.host))
	rw.WriteHeader(http.StatusUnauthorized)
}
