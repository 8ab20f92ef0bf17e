package distribution

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tokens is a token server, and the registry's check of its tokens.
type tokens struct {
	// realm is where the registry sends clients; granted is the token that is
	// good at present.
	realm   string
	granted atomic.Int32
	issued  atomic.Int32
	// login is the basic authorization it wants, if any.
	login string

	mu     sync.Mutex
	scopes map[string]int
}

func (s *tokens) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if s.login != "" && req.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(s.login)) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"not %s"}]}`, req.Header.Get("Authorization"))
		return
	}
	s.mu.Lock()
	if s.scopes == nil {
		s.scopes = map[string]int{}
	}
	s.scopes[req.FormValue("scope")]++
	s.mu.Unlock()
	s.issued.Add(1)
	_, _ = fmt.Fprintf(w, `{"token":"granted-%d"}`, s.granted.Load())
}

// guard lets in who has the token.
func (s *tokens) guard(w http.ResponseWriter, req *http.Request) bool {
	if req.Header.Get("Authorization") == fmt.Sprintf("Bearer granted-%d", s.granted.Load()) {
		return false
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="models"`, s.realm))
	w.WriteHeader(http.StatusUnauthorized)
	return true
}

// guarded is a registry with a token server on a host of its own.
func guarded(t *testing.T) (*fixture, *tokens, []Host) {
	f, s := serve(t, true), &tokens{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.realm = server.URL + "/token"
	f.always(s.guard)
	return f, s, []Host{plain(f), {Name: strings.TrimPrefix(server.URL, "http://"), PlainHTTP: true}}
}

// TestOneToken for each repository, whoever asks at the same time; the one that
// expires is renewed once, and once only.
func TestOneToken(t *testing.T) {
	f, s, hosts := guarded(t)
	c := newClient(t, hosts...)
	f.put(t, "models/other", "v7", model)
	all := func() {
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() {
				if _, err := c.Manifest(t.Context(), f.host+"/"+[]string{path, "models/other"}[i%2], "v7"); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	all()
	if s.issued.Load() != 2 || s.scopes["repository:models/fraud:pull"] != 1 || s.scopes["repository:models/other:pull"] != 1 {
		t.Errorf("issued %v", s.scopes)
	}
	s.granted.Add(1)
	all()
	if s.issued.Load() != 4 || s.scopes["repository:models/fraud:pull"] != 2 {
		t.Errorf("issued %v, want one more each", s.scopes)
	}
	if pings := f.asked("/v2/") - f.asked("/manifests/"); pings != 1 {
		t.Errorf("%d pings", pings)
	}
}

// TestTokenThatIsNeverAccepted ends after one renewal.
func TestTokenThatIsNeverAccepted(t *testing.T) {
	f, s, hosts := guarded(t)
	f.always(func(w http.ResponseWriter, req *http.Request) bool {
		req.Header.Del("Authorization")
		return s.guard(w, req)
	})
	_, err := newClient(t, hosts...).Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "manifests/v7: 401 Unauthorized: no credentials for "+f.host)
	if s.issued.Load() != 2 || f.asked("/manifests/") != 2 {
		t.Errorf("%d tokens, %q", s.issued.Load(), f.requests)
	}
}

// TestLogin: the token endpoint gets the registry's credentials; wrong ones are
// blamed by their place, never by what they are.
func TestLogin(t *testing.T) {
	f, s, hosts := guarded(t)
	s.login = "robot:hunter2"
	c := newClient(t, hosts...)
	login(t, c, `{"auths":{"`+f.host+`":{"auth":"`+base64.StdEncoding.EncodeToString([]byte(s.login))+`"}}}`)
	if _, err := c.Manifest(t.Context(), f.host+"/"+path, "v7"); err != nil {
		t.Fatal(err)
	}
	c = newClient(t, hosts...)
	_, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "token for models/fraud: "+hosts[1].Name+": 401 Unauthorized (UNAUTHORIZED): no credentials for "+f.host+": looked in the test; log in")
	c = newClient(t, hosts...)
	file := login(t, c, `{"auths":{"`+f.host+`":{"username":"robot","password":"hunter3"}}}`)
	_, err = c.Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "it did not accept the credentials for "+f.host+" in "+file)
	for _, secret := range []string{"hunter3", base64.StdEncoding.EncodeToString([]byte("robot:hunter3"))} {
		if strings.Contains(err.Error(), secret) {
			t.Error(err)
		}
	}
}

// TestTokenExchangeFaults: none of them is the registry's "no", and none shows
// what the endpoint wrote.
func TestTokenExchangeFaults(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		realm  string
		want   string
	}{
		"not found":     {status(404), "", "404 Not Found"},
		"unavailable":   {status(503), "", "503 Service Unavailable"},
		"no JSON":       {text(`hunter2`), "", "its token endpoint's answer holds no token"},
		"two lines":     {text(`{"token":"hunter2\r\nHost: evil.example.com"}`), "", "its token endpoint's answer holds no token"},
		"no token":      {text(`{"refresh_token":"hunter2"}`), "", "its token endpoint's answer holds no token"},
		"truncated":     {truncated, "", "unexpected EOF"},
		"too long":      {text(`{"token":"` + strings.Repeat("x", maxToken) + `"}`), "", "the answer is longer than 65536 bytes"},
		"no realm":      {nil, "-", "it names a token endpoint that is no http or https URL"},
		"odd realm":     {nil, "file:///etc/hunter2", "it names a token endpoint that is no http or https URL"},
		"plain realm":   {nil, "http://evil.example.com/hunter2", "evil.example.com: plain HTTP is not allowed"},
		"broken realm":  {nil, "https://%zz/hunter2", "it names a token endpoint that is no http or https URL"},
		"with its user": {nil, "https://robot:hunter2@10.0.0.1:bad/", "it names a token endpoint that is no http or https URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s, hosts := guarded(t)
			if test.realm != "" {
				s.realm = test.realm
			} else {
				server := httptest.NewServer(test.answer)
				t.Cleanup(server.Close)
				s.realm = server.URL
				hosts[1].Name = strings.TrimPrefix(server.URL, "http://")
			}
			_, err := newClient(t, hosts...).Manifest(t.Context(), f.host+"/"+path, "v7")
			want(t, err, ErrUnavailable, f.host+": token for models/fraud: ", test.want)
			if strings.Contains(err.Error(), "hunter2") {
				t.Error(err)
			}
		})
	}
}

// TestTokenExchangeIsRetried: the one request with a body is sent again in full,
// but not to another host.
func TestTokenExchangeIsRetried(t *testing.T) {
	f, s, hosts := guarded(t)
	var exchanges atomic.Int32
	var to atomic.Value
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if at, _ := to.Load().(string); at != "" {
			http.Redirect(w, req, at, http.StatusTemporaryRedirect)
			return
		}
		got := req.PostFormValue("refresh_token")
		if exchanges.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if got != "hunter2" {
			t.Errorf("the second exchange carries %q", got)
		}
		_, _ = w.Write([]byte(`{"access_token":"granted-0"}`))
	}))
	t.Cleanup(endpoint.Close)
	s.realm = endpoint.URL
	hosts = append(hosts, Host{Name: strings.TrimPrefix(endpoint.URL, "http://"), PlainHTTP: true})
	c := newClient(t, hosts...)
	login(t, c, `{"auths":{"`+f.host+`":{"identitytoken":"hunter2"}}}`)
	if _, err := c.Manifest(t.Context(), f.host+"/"+path, "v7"); err != nil || exchanges.Load() != 2 {
		t.Errorf("%v after %d exchanges", err, exchanges.Load())
	}
	_, port, _ := strings.Cut(hosts[1].Name, ":")
	hosts = append(hosts, Host{Name: "localhost:" + port, PlainHTTP: true})
	for at, reason := range map[string]string{
		// The literal is refused by go-containerregistry already.
		hosts[1].Name: "its token endpoint redirects too often or to a private address",
		hosts[3].Name: hosts[3].Name + ": a token exchange is redirected to another host",
	} {
		to.Store("http://" + at + "/token?hunter2")
		c = newClient(t, hosts...)
		login(t, c, `{"auths":{"`+f.host+`":{"identitytoken":"hunter2"}}}`)
		_, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
		want(t, err, ErrUnavailable, reason)
		if strings.Contains(err.Error(), "hunter2") {
			t.Error(err)
		}
	}
	if s.issued.Load() != 0 {
		t.Error("it was asked")
	}
}

// TestRealm: a token endpoint is within the rules of a redirect.
func TestRealm(t *testing.T) {
	for name, test := range map[string]struct {
		at, realm string
		hosts     []Host
		want      string
	}{
		"public to public":         {outside, "https://store.example.com/token", nil, ""},
		"private beside private":   {inside, "https://store.internal/token", nil, ""},
		"private to a literal":     {inside, "https://127.0.0.1/token", nil, ""},
		"public to listed":         {outside, "https://store.internal/token", []Host{{Name: "store.internal"}}, ""},
		"public to private":        {outside, "https://store.internal/token", nil, "is not public"},
		"public to metadata":       {outside, "https://169.254.169.254/token", nil, "is not public"},
		"public to decimal":        {outside, "https://2130706433/token", nil, "is not public"},
		"https to http":            {outside, "http://store.example.com/token", nil, "redirected from https to http"},
		"redirected into private":  {outside, "https://store.example.com/redirect", nil, "is not public"},
		"to another public, plain": {inside, "http://store.internal/token", []Host{{Name: "store.internal", PlainHTTP: true}}, "redirected from https to http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.at, "", test.hosts...)
			s := &tokens{realm: test.realm, login: "robot:hunter2"}
			w.registry.always(s.guard)
			w.store = func(rw http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/redirect" {
					http.Redirect(rw, req, "https://store.internal/token", http.StatusFound)
					return
				}
				s.ServeHTTP(rw, req)
			}
			login(t, w.client, `{"auths":{"registry.example.com":{"username":"robot","password":"hunter2"},"store.internal":{"username":"x","password":"y"}}}`)
			_, err := w.client.Manifest(t.Context(), "registry.example.com/"+path, "v7")
			if test.want != "" {
				want(t, err, ErrUnavailable, "registry.example.com: token for models/fraud: ", test.want)
				if s.issued.Load() != 0 {
					t.Error("a token was issued")
				}
			} else if err != nil || s.issued.Load() != 1 {
				t.Errorf("%v, %d tokens", err, s.issued.Load())
			}
		})
	}
}
