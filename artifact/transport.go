package artifact

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// guarded is the RoundTripper below go-containerregistry. It decides about
// plain HTTP, retries, bounds answers, and ends what hangs.
type guarded struct {
	next http.RoundTripper
	// plainHTTP are the hosts the platform lists; all others get no http, also
	// where go-containerregistry would try it: it falls back to http for
	// localhost and private addresses even after a failed certificate check.
	plainHTTP map[string]bool
	// silence is how long an answer may make no progress.
	silence time.Duration
}

func newTransport(plainHTTP map[string]bool) guarded {
	return guarded{
		plainHTTP: plainHTTP,
		silence:   silence,
		next: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     90 * time.Second,
		},
	}
}

// RoundTrip sends a request. Only a token exchange has a body, which net/http
// rewinds by GetBody when it is sent again.
func (g guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	switch plain := g.plainHTTP[req.URL.Host]; {
	case req.URL.Scheme == "http" && !plain:
		return nil, fmt.Errorf("%s: plain HTTP is not allowed for this host by the platform's spec.registries", req.URL.Host)
	case req.URL.Scheme == "https" && plain:
		return nil, fmt.Errorf("%s: listed with plainHTTP", req.URL.Host)
	}
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		resp, err := g.once(req)
		if attempt == attempts || !passing(resp, err) || req.Context().Err() != nil {
			return resp, err
		}
		wait := delay
		if resp != nil {
			wait = max(wait, retryAfter(resp.Header.Get("Retry-After")))
		}
		if deadline, ok := req.Context().Deadline(); ok && time.Until(deadline) < wait {
			// Waiting would outlast the deadline: say what is wrong at once.
			return resp, err
		}
		if resp != nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(wait):
		}
		delay *= 3
	}
}

// errSilent ends a request whose answer makes no progress. It is not retried:
// the next attempt would only be as long.
var errSilent = errors.New("no progress")

// once sends the request and ends it when the answer makes no progress; the
// answer is bounded.
func (g guarded) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(g.silence, func() {
		cancel(fmt.Errorf("%s: %w for %s", req.URL.Host, errSilent, g.silence))
	})
	end := func() {
		timer.Stop()
		cancel(nil)
	}
	resp, err := g.next.RoundTrip(req.WithContext(ctx))
	if err == nil && strings.Contains(req.URL.Path, "/referrers/") && strings.Contains(resp.Header.Get("Link"), "next") {
		// go-containerregistry reads the first page only: evidence on the next
		// would be missing in silence.
		_ = resp.Body.Close()
		err = fmt.Errorf("%s: the list of referrers has more than one page, which is not supported yet", req.URL.Host)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && req.Context().Err() == nil {
			err = cause
		}
		end()
		return nil, err
	}
	resp.Body = &boundedBody{
		ReadCloser: resp.Body, left: bound(req.URL.Path),
		progress: func() { timer.Reset(g.silence) }, end: end,
		cause: func() error { return context.Cause(ctx) },
	}
	return resp, nil
}

func bound(path string) int64 {
	switch {
	case strings.Contains(path, "/manifests/"), strings.Contains(path, "/referrers/"):
		return maxManifest
	case strings.Contains(path, "/blobs/"):
		return maxConfig
	default:
		return maxAnswer
	}
}

// passing tells whether a fault may pass by itself.
func passing(resp *http.Response, err error) bool {
	if err != nil {
		// Neither a certificate nor the protocol heals by itself.
		var certificate *tls.CertificateVerificationError
		var record tls.RecordHeaderError
		var network net.Error
		silent := errors.Is(err, errSilent) || errors.As(err, &network) && network.Timeout()
		return !silent && !errors.As(err, &certificate) && !errors.As(err, &record)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads the header in seconds or as a date; 0 when there is none.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil && seconds > 0 {
		// More seconds than a Duration holds would wrap around to no wait.
		return time.Duration(min(seconds, math.MaxInt64/int64(time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// boundedBody fails, rather than truncates, when an answer is too long.
type boundedBody struct {
	io.ReadCloser
	left          int64
	progress, end func()
	// cause says why a read was ended, if it was.
	cause func() error
}

var errTooLong = errors.New("answer is longer than allowed")

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.progress()
	}
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	if cause := b.cause(); err != nil && !errors.Is(err, io.EOF) && cause != nil {
		err = cause
	}
	return n, err
}

func (b *boundedBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}
