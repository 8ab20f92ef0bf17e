package distribution

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// registry is one host that is asked.
type registry struct {
	client *Client
	name   name.Registry
	// key is the host as hosts are compared.
	key, scheme string

	// greeting is the answer to the ping: how the registry wants to be asked.
	greeting flight[greeting]
	// dead is why nothing more is asked of it: its patience was used up once.
	dead atomic.Pointer[fault]
	// api is whether it has the referrers API, learned from its first answer.
	api flight[referrersAPI]
}

type greeting struct {
	*transport.Challenge
	// public tells whether the challenge came from a public address.
	public bool
}

// registry is the one for a host. The caller holds the lock.
func (c *Client) registry(host string) (*registry, error) {
	l := c.listedAs(host)
	plain := l != nil && l.plain
	key := hostKey(schemeOf(plain), host)
	if r := c.registries[key]; r != nil {
		return r, nil
	}
	// Insecure lets it try http; whether it may is our decision alone.
	opts := []name.Option{name.StrictValidation}
	if plain {
		opts = append(opts, name.Insecure)
	}
	reg, err := name.NewRegistry(host, opts...)
	if err != nil {
		return nil, err
	}
	r := &registry{client: c, name: reg, key: key, scheme: schemeOf(plain)}
	c.registries[key] = r
	return r, nil
}

// beforeCredentials is about a ping, which carries none.
const beforeCredentials = "it refuses everybody, whatever the credentials: is it the right host, and may this network ask it?"

func (r *registry) ping(ctx context.Context) (*greeting, error) {
	var got *greeting
	err := r.try(ctx, func() error {
		t := &trip{registry: r, subject: r.key + ": GET /v2/", limit: maxAnswer, credentials: beforeCredentials}
		challenge, err := transport.Ping(ctx, r.name, oneScheme{t})
		if err != nil {
			return t.explainPing(err)
		}
		got = &greeting{challenge, t.public.Load()}
		return nil
	})
	if f, ok := errors.AsType[*fault](err); ok && f.passing && ctx.Err() == nil {
		// No model of its can be had: the next would only find out the same.
		r.dead.Store(f)
	}
	return got, err
}

// explainPing knows a loop of redirects, which net/http ends without a word of ours:
// all that is left then may be that the other scheme was not tried.
func (t *trip) explainPing(err error) *fault {
	_, answered := errors.AsType[*transport.Error](err)
	f, failed := errors.AsType[*fault](err)
	if !answered && (!failed || errors.Is(f, errOtherScheme)) {
		err = errTooManyRedirects
	}
	return t.explain(err)
}

// try does what the client's retry does. Once a registry made no progress for as
// long as it may, nobody waits for it again: a thousand models would each wait as
// long.
func (r *registry) try(ctx context.Context, do func() error) error {
	if f := r.dead.Load(); f != nil {
		return f
	}
	err := r.client.retry(ctx, do)
	if f, ok := errors.AsType[*fault](err); ok && errors.Is(err, errSilent) && ctx.Err() == nil {
		r.dead.Store(f)
	}
	return err
}

// oneScheme keeps a ping from trying the other scheme, as it does for localhost
// and private addresses, also after a failed certificate check.
type oneScheme struct{ *trip }

func (s oneScheme) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response == nil && !strings.EqualFold(req.URL.Scheme, s.registry.scheme) {
		return nil, errOtherScheme
	}
	return s.trip.RoundTrip(req)
}
