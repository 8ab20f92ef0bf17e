package artifact_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// signed is a registry with one signed model.
func signed(t *testing.T, referrers bool) *testsign.Registry {
	r := testsign.NewRegistry(t, referrers)
	r.Push(t, path, "v7", kit)
	r.Attach(t, path, kit.Digest(), release.Bundle(kit.Digest()), release.Legacy(r.Host+"/"+path, kit.Digest()))
	return r
}

func status(code int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		return true
	}
}

// on answers only what asks for this path or a part of it.
func on(part string, answer func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, req *http.Request) bool {
		return strings.Contains(req.URL.Path, part) && answer(w, req)
	}
}

func body(content []byte) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", testsign.TypeManifest)
		_, _ = w.Write(content)
		return true
	}
}

// truncated promises more bytes than it sends.
func truncated(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", testsign.TypeManifest)
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"schemaVersion"`))
	return true
}

// TestRegistryFaults: whatever a registry does wrong is ErrUnavailable, never
// "not signed" nor "not found", and never a pinned artifact. It holds for the
// model as for each thing that is fetched about it: an answer that could be
// suppressed would hide a signature, or a second one.
func TestRegistryFaults(t *testing.T) {
	sig := "/manifests/sha256-" + kit.Digest().Hex() + ".sig"
	config := "/blobs/" + string(artifact.DigestOf(kit.Config))
	bundle := "/blobs/" + string(release.Bundle(kit.Digest()).Digest())
	big := func(n int) []byte { return make([]byte, n) }
	// The limits are those of limits.go: 4, 8 and 1 MiB.
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		want   string
	}{
		"ping unauthorized":     {on("/v2/", status(401)), "401 Unauthorized"},
		"ping forbidden":        {on("/v2/", status(403)), "403 Forbidden"},
		"manifest unauthorized": {on("/manifests/v7", status(401)), "401 Unauthorized"},
		"manifest forbidden":    {on("/manifests/v7", status(403)), "403 Forbidden"},
		"manifest truncated":    {on("/manifests/v7", truncated), "unexpected EOF"},
		"manifest too long":     {on("/manifests/v7", body(big(4<<20+1))), "the answer is longer than"},
		"config unauthorized":   {on(config, status(401)), "401 Unauthorized"},
		"config truncated":      {on(config, truncated), "EOF"},
		"config too long":       {on(config, body(big(8<<20+1))), "the answer is longer than"},
		"config of another":     {on(config, body([]byte(`{"model":{}}`))), "does not have that digest"},
		"sig forbidden":         {on(sig, status(403)), "403 Forbidden"},
		"sig not implemented":   {on(sig, status(501)), "501 Not Implemented"},
		"sig truncated":         {on(sig, truncated), "unexpected EOF"},
		"sig too long":          {on(sig, body(big(4<<20+1))), "the answer is longer than"},
		"referrers forbidden":   {on("/referrers/", status(403)), "403 Forbidden"},
		"bundle too long":       {on(bundle, body(big(1<<20+1))), "is longer than 1048576 bytes"},
		"bundle of another":     {on(bundle, body([]byte("{}"))), "does not have that digest"},
		"bundle truncated":      {on(bundle, truncated), "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, true)
			r.Intercept(test.answer)
			got, err := ask(t.Context(), t, r)
			if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want ErrUnavailable with %q", err, test.want)
			}
			if got.Resolved() || len(got.Evidence) > 0 {
				t.Error("something was pinned all the same")
			}
		})
	}
}

// TestRegistryTooLong: blobs that truly have their digest are still bounded.
func TestRegistryTooLong(t *testing.T) {
	t.Run("evidence", func(t *testing.T) {
		bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
			r.Push(t, path, "v7", kit)
			r.Attach(t, path, kit.Digest(), artifact.Evidence{MediaType: testsign.TypeBundle, Data: make([]byte, 1<<20+1)})
			_, err := ask(t.Context(), t, r)
			if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), "is longer than 1048576 bytes") {
				t.Errorf("%v, want ErrUnavailable", err)
			}
		})
	})
	t.Run("config", func(t *testing.T) {
		t.Parallel()
		r := testsign.NewRegistry(t, true)
		r.Push(t, path, "v7", testsign.KitWith(map[string]any{"description": strings.Repeat("x", 8<<20)}))
		_, err := ask(t.Context(), t, r)
		if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), "longer than") {
			t.Errorf("%v, want ErrUnavailable", err)
		}
	})
}

// TestRegistryNotFound: a registry's definite no is no fault of it.
func TestRegistryNotFound(t *testing.T) {
	bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
		_, err := ask(t.Context(), t, r)
		if !errors.Is(err, artifact.ErrNotFound) || errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), r.Host) {
			t.Errorf("%v, want ErrNotFound and the host", err)
		}
	})
}

// TestRegistryRetries: a passing fault of any request is survived.
func TestRegistryRetries(t *testing.T) {
	t.Parallel()
	r := signed(t, true)
	var failed atomic.Int32
	r.Intercept(on("/manifests/v7", func(w http.ResponseWriter, _ *http.Request) bool {
		if failed.Add(1) > 2 {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}))
	got, err := ask(t.Context(), t, r)
	if err != nil || got.Digest() != kit.Digest() || len(got.Evidence) != 2 {
		t.Errorf("%s with %d pieces of evidence, %v", got.Digest(), len(got.Evidence), err)
	}
	if n := failed.Load(); n != 3 {
		t.Errorf("%d requests, want two failures and one answer", n)
	}
}

// TestRegistryGivesUp: a fault that stays ends after a fixed number of tries.
func TestRegistryGivesUp(t *testing.T) {
	t.Parallel()
	r := signed(t, true)
	r.Intercept(on("/manifests/v7", status(http.StatusServiceUnavailable)))
	_, err := ask(t.Context(), t, r)
	if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), "503 Service Unavailable") {
		t.Errorf("%v, want ErrUnavailable with the status", err)
	}
	if n := asked(r, "/manifests/v7"); n != 4 {
		t.Errorf("%d tries, want 4", n)
	}
}

// TestRetryAfterBeyondTheDeadline: waiting would be in vain, so there is no
// second request; also where the number is too large for a Duration.
func TestRetryAfterBeyondTheDeadline(t *testing.T) {
	for name, after := range map[string]string{
		"seconds": "3600", "beyond a duration": "9223372036854775807", "wrapping": "18446744074",
		"date": "Fri, 31 Dec 2999 23:59:59 GMT",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, true)
			r.Intercept(on("/manifests/v7", func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := ask(ctx, t, r)
			if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), "429 Too Many Requests") {
				t.Errorf("%v, want ErrUnavailable with the status", err)
			}
			if ctx.Err() != nil {
				t.Error("the whole deadline was used up")
			}
			if n := asked(r, "/manifests/v7"); n != 1 {
				t.Errorf("%d tries, want 1", n)
			}
		})
	}
}

// TestRegistryHangs: a registry that accepts and says nothing ends with the
// caller's deadline.
func TestRegistryHangs(t *testing.T) {
	for name, part := range map[string]string{"ping": "/v2/", "manifest": "/manifests/v7", "config": "/blobs/", "referrers": "/referrers/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, true)
			r.Intercept(on(part, func(_ http.ResponseWriter, req *http.Request) bool {
				<-req.Context().Done()
				return true
			}))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if _, err := ask(ctx, t, r); !errors.Is(err, artifact.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want ErrUnavailable because of the deadline", err)
			}
		})
	}
}

// TestPlainHTTPMustBeListed: go-containerregistry would try http for loopback
// and private hosts by itself, also after a failed handshake.
func TestPlainHTTPMustBeListed(t *testing.T) {
	t.Parallel()
	r := signed(t, true)
	for name, exceptions := range map[string][]v1alpha1.Registry{
		"no exception":     nil,
		"listed for https": {{Host: r.Host}},
		"another port":     {{Host: strings.Split(r.Host, ":")[0], PlainHTTP: true}},
	} {
		source, err := artifact.NewRegistry(exceptions, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/"+path+":v7"))
		if want := "list the host with plainHTTP in the platform's spec.registries"; !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want ErrUnavailable with %q", name, err, want)
		}
	}
	if got := r.Requests(); len(got) > 0 {
		t.Errorf("asked over plain HTTP: %s", strings.Join(got, ", "))
	}
}

// TestUnknownCertificateIsRefused: no fallback of any kind after it.
func TestUnknownCertificateIsRefused(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	source, err := artifact.NewRegistry(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.Pin(t.Context(), parse(t, "kit://"+strings.TrimPrefix(server.URL, "https://")+"/"+path+":v7"))
	if !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v, want ErrUnavailable because of the certificate", err)
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestRedirectToPlainHTTPIsRefused: a blob store may be elsewhere, but not
// without TLS unless the platform lists it.
func TestRedirectToPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	r, elsewhere := signed(t, true), signed(t, true)
	r.Intercept(on("/blobs/", func(w http.ResponseWriter, req *http.Request) bool {
		http.Redirect(w, req, "http://"+elsewhere.Host+req.URL.Path, http.StatusTemporaryRedirect)
		return true
	}))
	_, err := ask(t.Context(), t, r)
	if want := elsewhere.Host + ": plain HTTP is not allowed"; !errors.Is(err, artifact.ErrUnavailable) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if got := elsewhere.Requests(); len(got) > 0 {
		t.Errorf("asked: %s", strings.Join(got, ", "))
	}
}

// asked counts the requests to a path.
func asked(r *testsign.Registry, part string) int {
	n := 0
	for _, request := range r.Requests() {
		if strings.Contains(request, part) {
			n++
		}
	}
	return n
}
