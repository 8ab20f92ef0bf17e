package distribution

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"
)

// retry repeats what met a passing fault. Each attempt is the whole exchange
// from the registry's first answer to the last byte: an address to which it
// redirects may be good for one time only.
func (c *Client) retry(ctx context.Context, do func() error) error {
	delay := c.delay
	for attempt := 1; ; attempt++ {
		err := do()
		f, ok := errors.AsType[*fault](err)
		if !ok || !f.passing || attempt == attempts || ctx.Err() != nil {
			return err
		}
		wait := max(delay, f.after)
		if deadline, ok := ctx.Deadline(); wait > maxWait || ok && time.Until(deadline) < wait {
			// Waiting would outlast the deadline: say what is wrong at once.
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w, before another try: %w", err, ctx.Err())
		case <-time.After(wait):
		}
		delay *= 3
	}
}

// passingError tells whether a fault without an answer may pass by itself.
func passingError(err error) bool {
	if _, ok := errors.AsType[lasting](err); ok {
		return false
	}
	// Neither a certificate nor the protocol heals by itself, and a dial that
	// timed out would only be as long again.
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var network net.Error
	var lookup *net.DNSError
	switch {
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert),
		errors.Is(err, http.ErrSchemeMismatch), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return false
	}
	return !errors.As(err, &network) || !network.Timeout()
}

// passingStatus tells whether an answer may be different in a moment.
func passingStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// retryAfter reads the header in seconds or as a date; 0 when there is none.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		// More seconds than a Duration holds would wrap around to no wait.
		return time.Duration(min(seconds, math.MaxInt64/uint64(time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
