package distribution

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func text(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, content) }
}

func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"schemaVersion"`)
}

// TestFaults: whatever a registry does wrong is ErrUnavailable, names it and
// what was asked, and costs no more tries than it deserves.
func TestFaults(t *testing.T) {
	const manifest, blob, ping = "/manifests/v7", "/blobs/", "/v2/"
	for name, test := range map[string]struct {
		part   string
		answer http.HandlerFunc
		want   string
		tries  int
	}{
		"ping unauthorized":     {ping, status(401), "401 Unauthorized", 2}, // a ping's 401 is no fault: the manifest's is
		"ping forbidden":        {ping, status(403), "403 Forbidden: it refuses everybody", 1},
		"manifest unauthorized": {manifest, status(401), "401 Unauthorized: no credentials for", 1},
		"manifest forbidden":    {manifest, status(403), "403 Forbidden: no credentials for", 1},
		"manifest truncated":    {manifest, truncated, "unexpected EOF", 4},
		"manifest too long":     {manifest, text(strings.Repeat(" ", maxManifest+1)), "the answer is longer than 4194304 bytes", 1},
		"manifest unavailable":  {manifest, status(503), "503 Service Unavailable", 4},
		"manifest bad gateway":  {manifest, status(502), "502 Bad Gateway", 4},
		"manifest odd 5xx":      {manifest, status(520), "520", 4},
		"too many requests":     {manifest, status(429), "429 Too Many Requests: it limits the rate", 4},
		"request timeout":       {manifest, status(408), "408 Request Timeout", 4},
		"not implemented":       {manifest, status(501), "501 Not Implemented", 1},
		"HTTP version":          {manifest, status(505), "505 HTTP Version Not Supported", 1},
		"no content":            {manifest, status(204), "204 No Content", 1},
		"redirect to nowhere":   {manifest, status(302), "302 Found", 1},
		"half of it":            {manifest, status(206), "206 Partial Content", 1},
		"blob truncated":        {blob, truncated, "the answer is longer than", 1}, // its Content-Length is beyond the limit
		"blob of another":       {blob, text(`{"model":"trout"}`), "the answer does not have that digest", 1},
		"blob too long":         {blob, text(string(config) + " "), "the answer is longer than 17 bytes", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on(test.part, test.answer)
			c := newClient(t, plain(f))
			got, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
			if test.part == blob {
				got, err = c.Blob(t.Context(), f.host+"/"+path, digestOf(config), int64(len(config)))
			}
			want(t, err, ErrUnavailable, f.host+": GET /v2/", test.want)
			if got != nil {
				t.Errorf("%q all the same", got)
			}
			if n := f.asked(test.part); n != test.tries {
				t.Errorf("%d tries, want %d", n, test.tries)
			}
		})
	}
}

// TestSurvives: a passing fault is gone at the next try, wherever it struck.
func TestSurvives(t *testing.T) {
	hijacked := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		_ = conn.Close()
	}
	halfOfIt := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "17")
		_, _ = io.WriteString(w, "{")
	}
	for name, test := range map[string]struct {
		part   string
		answer http.HandlerFunc
	}{
		"ping unavailable":    {"/v2/", status(503)},
		"ping broken":         {"/v2/", hijacked},
		"blob truncated once": {"/blobs/", halfOfIt},
		"blob broken":         {"/blobs/", hijacked},
		"blob unavailable":    {"/blobs/", status(500)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			var faults atomic.Int32
			f.always(func(w http.ResponseWriter, req *http.Request) bool {
				if !strings.Contains(req.URL.Path, test.part) || faults.Add(1) > 2 {
					return false
				}
				test.answer(w, req)
				return true
			})
			got, err := newClient(t, plain(f)).Blob(t.Context(), f.host+"/"+path, digestOf(config), 100)
			if err != nil || string(got) != string(config) {
				t.Errorf("%q, %v", got, err)
			}
			if test.part == "/blobs/" && f.asked(test.part) != 3 {
				t.Errorf("%q", f.requests)
			}
		})
	}
}

// TestRetryAfter: it is waited for, unless that is in vain.
func TestRetryAfter(t *testing.T) {
	for name, test := range map[string]struct {
		after string
		tries int
	}{
		"none": {"", 4}, "at once": {"0", 4}, "past": {"Fri, 31 Dec 1999 23:59:59 GMT", 4}, "nonsense": {"soon", 4}, "negative": {"-5", 4},
		"seconds": {"3600", 1}, "beyond a duration": {"9223372036854775807", 1}, "wrapping": {"18446744074", 1},
		"beyond a number": {"99999999999999999999", 1}, "date": {"Fri, 31 Dec 2999 23:59:59 GMT", 1},
	} {
		for kind, timeout := range map[string]time.Duration{"deadline": time.Minute, "no deadline": 0} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				f := serve(t, true)
				f.on("/manifests/", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", test.after)
					w.WriteHeader(http.StatusTooManyRequests)
				})
				ctx := t.Context()
				if timeout > 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, timeout)
					defer cancel()
				}
				_, err := newClient(t, plain(f)).Manifest(ctx, f.host+"/"+path, "v7")
				want(t, err, ErrUnavailable, "429 Too Many Requests")
				if ctx.Err() != nil {
					t.Error("the whole deadline was used up")
				}
				if n := f.asked("/manifests/"); n != test.tries {
					t.Errorf("%d tries, want %d", n, test.tries)
				}
			})
		}
	}
}

// TestWaitEndsWithTheContext: nobody waits for what nobody wants any more.
func TestWaitEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := newClient(t).retry(ctx, func() error {
		tries++
		go cancel()
		return &fault{subject: "r.example.com", status: 503, passing: true, after: 4 * time.Minute}
	})
	want(t, err, nil, "r.example.com: 503 Service Unavailable")
	if tries != 1 {
		t.Errorf("%d tries", tries)
	}
}

// TestSilence: an answer that makes no progress ends its request, once: three
// more tries would each be as long.
func TestSilence(t *testing.T) {
	silent := func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
	half := func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
	}
	for name, test := range map[string]struct {
		part   string
		answer http.HandlerFunc
	}{
		"ping": {"/v2/", silent}, "manifest": {"/manifests/", silent}, "half a body": {"/manifests/", half}, "blob": {"/blobs/", silent}, "referrers": {"/referrers/", half},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on(test.part, test.answer)
			c := newClient(t, plain(f))
			c.silence = 50 * time.Millisecond
			err := each(t.Context(), c, f.host+"/"+path)
			want(t, err, ErrUnavailable, "no progress for 50ms", f.host)
			if n := f.asked(test.part); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// TestDeadRegistry: whoever made no progress, or did not answer the ping in four
// attempts, is not waited for again: a thousand models would each wait as long.
func TestDeadRegistry(t *testing.T) {
	hang := func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
	for name, test := range map[string]struct {
		part   string
		answer func(http.ResponseWriter, *http.Request)
		want   int
	}{
		"silent":      {"/manifests/", hang, 1},
		"silent ping": {"/v2/", hang, 1},
		"failing":     {"/v2/", status(http.StatusServiceUnavailable), 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on(test.part, test.answer)
			c := newClient(t, plain(f))
			c.silence, c.delay = 50*time.Millisecond, time.Millisecond
			var first error
			for i := range 10 {
				_, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
				want(t, err, ErrUnavailable, f.host)
				if i == 0 {
					first = err
				} else if err.Error() != first.Error() {
					t.Errorf("%v, want the same as at first: %v", err, first)
				}
			}
			if n := f.asked(test.part); n != test.want {
				t.Errorf("%d requests, want %d", n, test.want)
			}
		})
	}
}

// TestRetryAfterTheDeadline: waiting would be in vain, so it is not tried again.
func TestRetryAfterTheDeadline(t *testing.T) {
	f := serve(t, true)
	f.on("/manifests/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := newClient(t, plain(f)).Manifest(ctx, f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "429 Too Many Requests")
	if n := f.asked("/manifests/"); n != 1 || ctx.Err() != nil {
		t.Errorf("%d requests, %v; want one, and time left", n, ctx.Err())
	}
}

// TestDeadline: the caller's own is told apart from the registry's silence.
func TestDeadline(t *testing.T) {
	for _, part := range []string{"/v2/", "/manifests/", "/blobs/", "/referrers/"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on(part, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := each(ctx, newClient(t, plain(f)), f.host+"/"+path)
			want(t, err, ErrUnavailable, "deadline exceeded", f.host)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
}

// each asks for one of everything.
func each(ctx context.Context, c *Client, repository string) error {
	if _, err := c.Manifest(ctx, repository, "v7"); err != nil {
		return err
	}
	if _, err := c.Blob(ctx, repository, digestOf(config), 100); err != nil {
		return err
	}
	_, err := c.Referrers(ctx, repository, digestOf(model))
	return err
}

// TestEndlessManifest: of 200 MB, little more than the limit is sent.
func TestEndlessManifest(t *testing.T) {
	f := serve(t, true)
	var sent atomic.Int64
	ended := make(chan struct{})
	f.on("/manifests/", func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		chunk := make([]byte, 64<<10)
		for sent.Load() < 200<<20 {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	_, err := newClient(t, plain(f)).Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "the answer is longer than 4194304 bytes")
	<-ended
	// What lies in the kernel's buffers was sent, too.
	if n := sent.Load(); n > maxManifest+32<<20 {
		t.Errorf("%d bytes were sent", n)
	}
}

// TestContentLength: what is announced to be too long is not read, and a
// promise makes nobody allocate.
func TestContentLength(t *testing.T) {
	f := serve(t, true)
	f.on("/manifests/", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Length", "9000000000000000000")
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done() // no byte of it ever comes
	})
	_, err := newClient(t, plain(f)).Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "the answer is longer than 4194304 bytes")
	f.on("/blobs/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "8000000000000000000")
		_, _ = io.WriteString(w, "{}")
	})
	_, err = newClient(t, plain(f)).Blob(t.Context(), f.host+"/"+path, digestOf(config), 1<<62+1<<61+1<<60)
	want(t, err, ErrUnavailable, "unexpected EOF")
}

// TestHeaderIsBounded: a header can be endless as well.
func TestHeaderIsBounded(t *testing.T) {
	f := serve(t, true)
	f.on("/manifests/", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", maxHeader)) })
	_, err := newClient(t, plain(f)).Manifest(t.Context(), f.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, f.host, "the header of the answer is longer than 262144 bytes")
	if n := f.asked("/manifests/"); n != 1 {
		t.Errorf("%d tries, want 1", n)
	}
}

// TestNoManifest: what a tag is answered with is JSON of an object, or no manifest; what
// has its digest is as it is.
func TestNoManifest(t *testing.T) {
	for name, content := range map[string]string{
		"a page": "<html>log in</html>", "nothing": "", "half": `{"schemaVersion"`, "a list": "[]", "brackets": strings.Repeat("[", 1<<20), "gzip": "\x1f\x8b\x08",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on("/manifests/", text(content))
			c := newClient(t, plain(f))
			_, err := c.Manifest(t.Context(), f.host+"/"+path, "v7")
			want(t, err, ErrUnavailable, f.host+": GET /v2/"+path+"/manifests/v7: the answer is no manifest")
			if got, err := c.Manifest(t.Context(), f.host+"/"+path, digestOf([]byte(content))); err != nil || string(got) != content {
				t.Errorf("by its digest: %q, %v", got, err)
			}
		})
	}
}

// TestServersWords: nothing that a server wrote gets into an error but codes.
func TestServersWords(t *testing.T) {
	raw := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a code": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"errors":[{"code":"NAME_INVALID","message":"hunter2"},{"code":"hunter2\u001b["}]}`)
		}, "400 Bad Request (NAME_INVALID)"},
		"a page":     {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "hunter2", 400) }, "400 Bad Request"},
		"reason":     {raw("HTTP/1.1 400 hunter2\r\n\r\n"), "400 Bad Request"},
		"no HTTP":    {raw("hunter2\r\n\r\n"), "the answer is no valid HTTP"},
		"a location": {raw("HTTP/1.1 302 Found\r\nLocation: http://%zz/?hunter2\r\n\r\n"), "redirected to something that is no URL"},
		"a host":     {raw("HTTP/1.1 302 Found\r\nLocation: http://evil.example.com/hunter2?hunter2\r\n\r\n"), "evil.example.com: plain HTTP is not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on("/manifests/", test.answer)
			_, err := newClient(t, plain(f)).Manifest(t.Context(), f.host+"/"+path, "v7")
			want(t, err, ErrUnavailable, test.want)
			if strings.Contains(err.Error(), "hunter2") {
				t.Error(err)
			}
		})
	}
}

// TestPassing: nobody there is not a fault that passes in a second.
func TestPassing(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"dial timeout": {&net.OpError{Op: "dial", Err: timeout{}}, false},
		"reset":        {&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, true},
		"no such host": {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, false},
		"resolver":     {&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}, true},
	} {
		if got := passingError(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }
