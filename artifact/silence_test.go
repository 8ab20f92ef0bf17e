package artifact

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestSilence: an answer that makes no progress ends its request, once: three
// more attempts would each be as long. One that keeps coming may take longer
// than the silence that ends it.
func TestSilence(t *testing.T) {
	const silence = 500 * time.Millisecond
	var requests atomic.Int32
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		silent bool
	}{
		"no header": {func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }, true},
		"half a body": {func(rw http.ResponseWriter, req *http.Request) {
			rw.Header().Set("Content-Length", "8")
			_, _ = io.WriteString(rw, "half")
			_ = http.NewResponseController(rw).Flush()
			<-req.Context().Done()
		}, true},
		"slow": {func(rw http.ResponseWriter, _ *http.Request) {
			for range 8 {
				_, _ = io.WriteString(rw, "x")
				_ = http.NewResponseController(rw).Flush()
				<-time.After(silence / 5)
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			requests.Store(0)
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
				requests.Add(1)
				test.answer(rw, req)
			}))
			defer server.Close()
			transport := newTransport(map[string]bool{strings.TrimPrefix(server.URL, "http://"): true})
			transport.silence = silence
			resp, err := (&http.Client{Transport: transport}).Get(server.URL + "/v2/x/manifests/y")
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if errors.Is(err, errSilent) != test.silent || !test.silent && err != nil {
				t.Errorf("%v, want silence %t", err, test.silent)
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// TestDialTimeoutIsNotRetried: nobody there is not a fault that passes in a
// second.
func TestDialTimeoutIsNotRetried(t *testing.T) {
	if passing(nil, &net.OpError{Op: "dial", Err: timeout{}}) {
		t.Error("a dial that timed out is tried again")
	}
	if !passing(nil, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}) {
		t.Error("a broken connection is not tried again")
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }
