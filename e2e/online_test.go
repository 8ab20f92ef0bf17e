package e2e_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestOnline: resolved at render, a model gives the bytes that its lock gives.
func TestOnline(t *testing.T) {
	for kind, opts := range map[string][]registry.Option{
		"referrers API": nil,
		"fallback tag":  {registry.WithoutReferrers()},
	} {
		t.Run(kind, func(t *testing.T) {
			server, err := registry.Start(opts...)
			w := newWorld(t, server, err)
			w.signed(t)
			app := w.app(t, variant{})
			w.lock(t, app)
			locked := stdout(t, w.run(t, app, "build"))

			online := w.app(t, variant{Online: true})
			asked := len(w.server.Requests())
			if diff := cmp.Diff(locked, stdout(t, w.run(t, online, "build"))); diff != "" {
				t.Errorf("locked and online differ (-locked +online):\n%s", diff)
			}
			if len(w.server.Requests()) == asked {
				t.Error("an online render did not ask the registry")
			}
		})
	}
}

// TestFaultyRegistry: a passing fault is retried; one that stays is exit 3, and
// the lock is as it was.
func TestFaultyRegistry(t *testing.T) {
	var fault atomic.Pointer[http.HandlerFunc]
	server, err := registry.Start(registry.WithMiddleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
			if f := fault.Load(); f != nil {
				(*f)(rw, req)
				if rw.Header().Get("X-Answered") != "" {
					return
				}
			}
			next.ServeHTTP(rw, req)
		})
	}))
	w := newWorld(t, server, err)
	w.signed(t)
	app := w.app(t, variant{})
	w.lock(t, app)
	path := filepath.Join(app, "modelfn.lock.yaml")
	locked := read(t, path)
	online := w.app(t, variant{Online: true})

	set := func(f http.HandlerFunc) { fault.Store(&f) }
	unavailable := func(rw http.ResponseWriter) {
		rw.Header().Set("X-Answered", "yes")
		rw.WriteHeader(http.StatusServiceUnavailable)
	}

	t.Run("503 twice", func(t *testing.T) {
		var left atomic.Int32
		left.Store(2)
		set(func(rw http.ResponseWriter, _ *http.Request) {
			if left.Add(-1) >= 0 {
				unavailable(rw)
			}
		})
		stdout(t, w.run(t, online, "build"))
		left.Store(2)
		stdout(t, w.run(t, app, "lock", "--update"))
		if read(t, path) != locked {
			t.Error("the lock changed though nothing did")
		}
	})
	faults := map[string]http.HandlerFunc{
		"503 for ever": func(rw http.ResponseWriter, _ *http.Request) { unavailable(rw) },
		"silence": func(rw http.ResponseWriter, req *http.Request) {
			rw.Header().Set("X-Answered", "yes")
			<-req.Context().Done() // until the client gives up
		},
		"a cut connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"401": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("X-Answered", "yes")
			rw.WriteHeader(http.StatusUnauthorized)
		},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			set(f)
			for _, command := range [][]string{{"lock", "--update", "--timeout", "3s"}, {"build", "--timeout", "3s", online}} {
				result := w.run(t, app, command...)
				if result.ExitCode != 3 || result.Stdout != "" {
					t.Errorf("%v: exit %d, stdout %q, want exit 3 and nothing\n%s", command, result.ExitCode, result.Stdout, result.Stderr)
				}
				if !strings.Contains(result.Stderr, "registry-unavailable") {
					t.Errorf("%v: no finding registry-unavailable:\n%s", command, result.Stderr)
				}
			}
			if read(t, path) != locked {
				t.Error("the lock changed")
			}
		})
	}
	// Down: nobody listens any more.
	_ = server.Close()
	result := w.run(t, app, "lock", "--update", "--timeout", "5s")
	if result.ExitCode != 3 || read(t, path) != locked {
		t.Errorf("down: exit %d, want 3 and the lock untouched\n%s", result.ExitCode, result.Stderr)
	}
	// What is locked renders all the same.
	stdout(t, w.run(t, app, "build"))
}
