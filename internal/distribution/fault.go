package distribution

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/modelfn/modelfn/internal/pattern"
)

// fault is why a question was not answered. Its text holds nothing that a server
// wrote but codes, no query of any URL, and no secret.
type fault struct {
	// subject is what was asked of whom; at is who answered, if somebody else.
	subject, at string
	status      int
	codes       []string
	cause       error
	advice      string

	// direct tells that the registry itself answered the question itself.
	direct bool
	// passing faults may be gone in a moment, or after what the server said.
	passing bool
	after   time.Duration
}

func (f *fault) Error() string {
	parts := []string{f.subject}
	if f.at != "" {
		parts = append(parts, f.at)
	}
	if f.status != 0 {
		text := fmt.Sprintf("%d %s", f.status, http.StatusText(f.status))
		if len(f.codes) > 0 {
			text += " (" + strings.Join(f.codes, ", ") + ")"
		}
		parts = append(parts, strings.TrimSpace(text))
	}
	if f.cause != nil {
		parts = append(parts, causeText(f.cause))
	}
	if f.advice != "" {
		parts = append(parts, f.advice)
	}
	return strings.Join(parts, ": ")
}

func (f *fault) Unwrap() error { return f.cause }

// fault is about a request that got no good answer.
func (t *trip) fault(req *http.Request, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	err = bare(err)
	return &fault{
		subject: t.subject, at: t.elsewhere(req.URL), cause: err, advice: t.advise(req.URL, err),
		passing: req.Context().Err() == nil && passingError(err),
	}
}

// explain turns what came back through net/http or go-containerregistry into a
// fault.
func (t *trip) explain(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if te, ok := errors.AsType[*transport.Error](err); ok {
		var codes []string
		for _, d := range te.Errors {
			codes = append(codes, string(d.Code))
		}
		return t.status(te.Request.URL, te.StatusCode, codes)
	}
	err = bare(err)
	return &fault{subject: t.subject, cause: err, advice: t.advise(nil, err)}
}

// refusal is about an answer with another status than 200.
func (t *trip) refusal(resp *http.Response) *fault {
	var problem struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	// An error page without codes is one all the same.
	if raw, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem)); err == nil {
		_ = json.Unmarshal(raw, &problem)
	}
	var codes []string
	for _, e := range problem.Errors {
		codes = append(codes, e.Code)
	}
	f := t.status(resp.Request.URL, resp.StatusCode, codes)
	f.direct = f.at == ""
	return f
}

// codePattern is what a code may look like; a server could write anything there.
var codePattern = pattern.New(`^[A-Z][A-Z_]{1,40}$`)

func (t *trip) status(u *url.URL, status int, codes []string) *fault {
	f := &fault{subject: t.subject, at: t.elsewhere(u), status: status, after: t.after, passing: passingStatus(status)}
	for _, code := range codes {
		if codePattern.MatchString(code) && len(f.codes) < 4 {
			f.codes = append(f.codes, code)
		}
	}
	switch {
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && (f.at == "" || t.tokenHost != ""):
		f.advice = t.credentials
	case status == http.StatusBadRequest && u.Scheme == "http":
		f.advice = "if it speaks TLS, remove plainHTTP in the platform's spec.registries"
	case status == http.StatusTooManyRequests:
		f.advice = "it limits the rate of requests: try later, or log in for a higher limit"
	}
	return f
}

// elsewhere names the host where it is not the registry.
func (t *trip) elsewhere(u *url.URL) string {
	if keyOf(u) == t.registry.key {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '?'
	}, u.Host)
}

// bare takes off what net/http puts around an error, the URL with its query, and
// knows a server without TLS by its answer, as net/http's client would.
func bare(err error) error {
	for {
		wrapped, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = wrapped.Err
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" {
		return http.ErrSchemeMismatch
	}
	if strings.Contains(err.Error(), "net/http: server response headers exceeded ") {
		return errHeader
	}
	return err
}

var errHeader = lasting(fmt.Sprintf("the header of the answer is longer than %d bytes", maxHeader))

// causeText is a cause's own text only where it cannot repeat what a server sent:
// net/http quotes malformed answers, and HTTP/2 a server's last words.
func causeText(err error) string {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	_, ours := errors.AsType[lasting](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within the time that was given (--timeout): " + context.DeadlineExceeded.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer broke off: unexpected EOF"
	case ours, errors.As(err, &certificate), errors.As(err, &network), errors.Is(err, context.Canceled),
		errors.Is(err, http.ErrSchemeMismatch), strings.HasPrefix(err.Error(), "tls: "):
		return err.Error()
	}
	return "the answer is no valid HTTP"
}

// advise says what can be done, where something can.
func (t *trip) advise(at *url.URL, err error) string {
	var certificate *tls.CertificateVerificationError
	listed := at != nil && t.registry.client.hosts[keyOf(at)] != nil && t.registry.client.hosts[keyOf(at)].transport != nil
	switch {
	case errors.As(err, &certificate) && listed:
		return "the caBundle that the platform's spec.registries lists for it does not vouch for this certificate"
	case errors.As(err, &certificate):
		return "if it has a private CA, list the host with its caBundle in the platform's spec.registries"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "list the host with plainHTTP in the platform's spec.registries if it has no TLS"
	}
	return ""
}
