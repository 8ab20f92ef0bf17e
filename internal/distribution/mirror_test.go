package distribution

import (
	"encoding/base64"
	"net/http"
	"sync/atomic"
	"testing"
)

// TestMirror: it is asked instead, under its prefix, with what is special about
// it and its own credentials.
func TestMirror(t *testing.T) {
	mirror, origin := serve(t, true), serve(t, true)
	mirror.put(t, "cache/"+path, "v7", []byte(`{"mirrored":true}`))
	mirror.put(t, "cache/library/fraud", "v7", []byte(`{"mirrored":true}`))
	var logins atomic.Int32
	mirror.always(func(w http.ResponseWriter, req *http.Request) bool {
		if user, password, _ := req.BasicAuth(); user != "mirror" || password != "hunter2" {
			w.Header().Set("WWW-Authenticate", `Basic realm="mirror"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		logins.Add(1)
		return false
	})
	for name, test := range map[string]struct{ host, repository string }{
		"of https": {"registry.example.com", "registry.example.com/" + path},
		"of plain": {origin.host, origin.host + "/" + path},
		"of Hub":   {"docker.io", "docker.io/fraud"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Host{Name: test.host, Mirror: mirror.host + "/cache", PlainHTTP: test.host == origin.host},
				Host{Name: mirror.host, PlainHTTP: true, Mirror: origin.host})
			login(t, c, `{"auths":{
				"`+mirror.host+`":{"auth":"`+base64.StdEncoding.EncodeToString([]byte("mirror:hunter2"))+`"},
				"`+test.host+`":{"username":"origin","password":"hunter3"}}}`)
			got, err := c.Manifest(t.Context(), test.repository, "v7")
			if err != nil || string(got) != `{"mirrored":true}` {
				t.Errorf("%s, %v", got, err)
			}
			// What it does not have is not asked of the origin.
			_, err = c.Manifest(t.Context(), test.repository, "v8")
			want(t, err, ErrNotFound, mirror.host+": GET /v2/cache/")
		})
	}
	if origin.asked("") != 0 {
		t.Errorf("%q", origin.requests)
	}
	if logins.Load() == 0 {
		t.Error("nobody logged in")
	}
}

// TestMirrorsCA is the entry's with the mirror's name, not the origin's.
func TestMirrorsCA(t *testing.T) {
	ca := newAuthority(t)
	host := ca.serve(newFixture(t, true))
	c := newClient(t, Host{Name: "registry.example.com", Mirror: host, CABundle: newAuthority(t).pem}, Host{Name: host, CABundle: ca.pem})
	if _, err := c.Manifest(t.Context(), "registry.example.com/"+path, "v7"); err != nil {
		t.Error(err)
	}
	c = newClient(t, Host{Name: "registry.example.com", Mirror: host, CABundle: ca.pem})
	_, err := c.Manifest(t.Context(), "registry.example.com/"+path, "v7")
	want(t, err, ErrUnavailable, host, "certificate signed by unknown authority")
}
