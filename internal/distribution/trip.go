package distribution

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// trip is the RoundTripper of one question and of all requests that come of it
// by redirects. It decides who may be asked and who is told a secret, bounds
// the answers, and ends what hangs.
type trip struct {
	registry *registry
	// subject is what was asked of whom, for errors.
	subject string
	// authorization is for the registry and for nobody else.
	authorization string
	// tokenHost may get the Authorization that go-containerregistry makes for it.
	tokenHost string
	// credentials tells where they were found, or looked for.
	credentials string
	// limit of a good answer in bytes.
	limit int64

	// public is set once an answer came from a public address: from then on
	// nothing may lead to a private one.
	public atomic.Bool
	// after is what the last answer said in Retry-After.
	after time.Duration
}

var _ http.RoundTripper = (*trip)(nil)

// RoundTrip sends a request. The one with a body is a token exchange's, which
// net/http rewinds by GetBody when it is sent again.
func (t *trip) RoundTrip(in *http.Request) (*http.Response, error) {
	via, err := t.route(in)
	if err != nil {
		return nil, t.fault(in, err)
	}
	resp, err := t.send(via, t.dress(in))
	if err != nil {
		return nil, t.fault(in, err)
	}
	t.after = retryAfter(resp.Header.Get("Retry-After"))
	if err := acceptable(resp, t.limit); err != nil {
		_ = resp.Body.Close()
		return nil, t.fault(in, err)
	}
	return resp, nil
}

// acceptable looks at the header before anything of the body is read.
func acceptable(resp *http.Response, limit int64) error {
	if resp.StatusCode == http.StatusOK && resp.ContentLength > limit {
		return tooLong(limit)
	}
	// net/http would put the Location with its query into its error.
	if _, err := url.Parse(resp.Header.Get("Location")); err != nil {
		return errLocation
	}
	return nil
}

// dress decides which secrets a request carries. Authorization is set here and
// not on the question, because net/http passes it on to subdomains and to other
// ports; Referer could carry the query of a presigned address to the next host.
func (t *trip) dress(in *http.Request) *http.Request {
	req := in.Clone(in.Context())
	req.Header.Del("Referer")
	key := keyOf(req.URL)
	if key != t.tokenHost {
		req.Header.Del("Authorization")
	}
	if t.authorization != "" && key == t.registry.key && req.URL.Scheme == t.registry.scheme {
		req.Header.Set("Authorization", t.authorization)
	}
	return req
}

// errSilent ends a request whose answer makes no progress. It is not retried:
// the next attempt would only be as long.
const errSilent = lasting("no progress")

// send sends the request, notes where it went, and ends it when the answer makes
// no progress; the answer is bounded.
func (t *trip) send(via http.RoundTripper, req *http.Request) (*http.Response, error) {
	silence := t.registry.client.silence
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(silence, func() { cancel(fmt.Errorf("%w for %s", errSilent, silence)) })
	end := func() {
		timer.Stop()
		cancel(nil)
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if t.registry.client.isPublic(req, i.Conn.RemoteAddr()) {
			t.public.Store(true)
		}
	}})
	resp, err := via.RoundTrip(req.WithContext(traced))
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && req.Context().Err() == nil {
			err = cause
		}
		end()
		return nil, err
	}
	limit := int64(maxAnswer)
	if resp.StatusCode == http.StatusOK {
		limit = t.limit
	}
	resp.Body = &body{
		ReadCloser: resp.Body, left: limit, limit: limit,
		progress: func() { timer.Reset(silence) }, end: end,
		cause: func() error { return context.Cause(ctx) },
		fault: func(err error) error { return t.fault(req, err) },
	}
	return resp, nil
}
