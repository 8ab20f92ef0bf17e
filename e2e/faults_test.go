package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// faulty is a world of one signed kit, models/fraud:v7, whose registry has a
// fault from now on: the fault gets each request and the registry behind.
func faulty(t *testing.T, fault func(http.ResponseWriter, *http.Request, http.Handler)) (w world, app string) {
	t.Helper()
	var armed atomic.Bool
	w, press := pressed(t, registry.WithoutReferrers(), registry.WithMiddleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
			if armed.Load() {
				fault(rw, req, next)
			} else {
				next.ServeHTTP(rw, req)
			}
		})
	}))
	pressAll(t, press, pressLegacy, []string{"models/fraud:v7"})
	armed.Store(true)
	return w, directory(t, w.platform(t), map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:v7")}})
}

const unavailable = "registry-unavailable: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model"

// wantOpen wants the question left open, with the reasons, and no lock.
func wantOpen(t *testing.T, app string, result host.Result, reasons ...string) {
	t.Helper()
	wantRefusal(t, result, 3, append(reasons, unavailable)...)
	wantNoLock(t, app)
}

// TestEndlessManifest: what a registry streams is neither read to its end nor
// kept, whether it says how much there is or not.
func TestEndlessManifest(t *testing.T) {
	const length, mostRead, mostMemory = 200 << 20, 16 << 20, 200 << 20
	for name, said := range map[string]bool{"of unknown length": false, "of 200 MiB": true} {
		t.Run(name, func(t *testing.T) {
			var written atomic.Int64
			w, app := faulty(t, func(rw http.ResponseWriter, req *http.Request, next http.Handler) {
				if req.URL.Path != "/v2/models/fraud/manifests/v7" {
					next.ServeHTTP(rw, req)
					return
				}
				rw.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
				if said {
					rw.Header().Set("Content-Length", strconv.Itoa(length))
				}
				chunk := bytes.Repeat([]byte(" "), 64<<10)
				for written.Load() < length {
					n, err := rw.Write(chunk)
					written.Add(int64(n))
					if err != nil {
						return // the client has gone
					}
				}
			})
			result, memory := host.Measure(t, host.Command{Path: w.modelfn, Args: []string{"lock"}, Dir: app})
			wantOpen(t, app, result, "the answer is longer than 4194304 bytes")
			t.Logf("%d MiB at the most; the server wrote %.1f MiB", memory>>20, float64(written.Load())/(1<<20))
			if memory > mostMemory {
				t.Errorf("%d MiB at the most, want %d", memory>>20, mostMemory>>20)
			}
			if n := written.Load(); n > mostRead {
				t.Errorf("the server got rid of %d bytes, want at most %d", n, mostRead)
			}
		})
	}
}

// TestHungRegistry: one that accepts and says nothing ends with the deadline.
func TestHungRegistry(t *testing.T) {
	w, app := faulty(t, func(_ http.ResponseWriter, req *http.Request, _ http.Handler) { <-req.Context().Done() })
	wantOpen(t, app, w.run(t, app, "lock", "--timeout", "2s"), w.server.Host(), "no answer within the time that was given (--timeout)")
}

// TestTooManyRequests: one 429 costs one more request.
func TestTooManyRequests(t *testing.T) {
	var limit atomic.Bool
	w, app := faulty(t, func(rw http.ResponseWriter, req *http.Request, next http.Handler) {
		if strings.Contains(req.URL.Path, "/manifests/") && limit.CompareAndSwap(true, false) {
			rw.Header().Set("Retry-After", "1")
			rw.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(rw, req)
	})
	count := func() int {
		asked := len(w.server.Requests())
		w.lock(t, app, "--update")
		return len(w.server.Requests()) - asked
	}
	usual := count()
	limit.Store(true)
	if limited := count(); limited != usual+1 {
		t.Errorf("%d requests, want one more than the usual %d", limited, usual)
	}
	if limit.Load() {
		t.Error("nothing was limited")
	}
}

// TestBrokenBlob: a config that breaks off, or is another than its digest says,
// is no config.
func TestBrokenBlob(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func(rw http.ResponseWriter, body []byte)
		reason string
	}{
		"truncated": {func(rw http.ResponseWriter, body []byte) {
			_, _ = rw.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler) // cuts the connection
		}, "the answer broke off: unexpected EOF"},
		"another content": {func(rw http.ResponseWriter, body []byte) {
			_, _ = rw.Write(bytes.Replace(body, []byte("v7"), []byte("v8"), 1))
		}, "the answer does not have that digest but sha256:"},
	} {
		t.Run(name, func(t *testing.T) {
			var spoiled atomic.Int32
			w, app := faulty(t, func(rw http.ResponseWriter, req *http.Request, next http.Handler) {
				if !strings.Contains(req.URL.Path, "/blobs/") {
					next.ServeHTTP(rw, req)
					return
				}
				spoiled.Add(1)
				good := httptest.NewRecorder()
				next.ServeHTTP(good, req)
				rw.Header().Set("Content-Length", strconv.Itoa(good.Body.Len()))
				body, err := io.ReadAll(good.Body)
				if err != nil {
					panic(err)
				}
				tt.spoil(rw, body)
			})
			wantOpen(t, app, w.run(t, app, "lock"), "config", tt.reason)
			if spoiled.Load() == 0 {
				t.Error("no blob was asked for")
			}
		})
	}
}
