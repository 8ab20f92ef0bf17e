package distribution

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Sentinels by which a caller tells what can be done about an error. One that
// wraps neither says that what was asked for is itself refused.
var (
	// ErrUnavailable: a registry did not answer, or not with what it must; a
	// retry may help.
	ErrUnavailable = errors.New("registry unavailable")
	// ErrNotFound: the registry answered that it has no such tag or digest.
	ErrNotFound = errors.New("not in the registry")
)

// Client reads from registries. It keeps connections, tokens and what it learns
// about each host, so one Client should live as long as a run. It can be used
// concurrently; how much at once is its callers' decision.
type Client struct {
	hosts    map[string]*listed
	keychain *keychain

	// direct goes to registries, beside to where private ones redirect, fenced only
	// to public addresses: one pool for all would let a foreign request use a
	// connection that was made without the check.
	direct, beside, fenced *http.Transport

	// What tests put others in the place of.
	dial           dial
	proxy          func(*http.Request) (*url.URL, error)
	silence, delay time.Duration

	mu           sync.Mutex
	registries   map[string]*registry
	repositories map[string]*repository
}

// New makes a Client. The hosts are those with something special about them;
// all others are asked over https with the system's roots. Credentials come
// from the docker configuration and go only to the registry they belong to.
func New(hosts []Host) (*Client, error) {
	fallbackRoots()
	c := &Client{
		hosts: map[string]*listed{}, keychain: &keychain{},
		dial: dialNetwork, proxy: http.ProxyFromEnvironment,
		silence: silence, delay: firstDelay,
		registries: map[string]*registry{}, repositories: map[string]*repository{},
	}
	c.direct, c.beside, c.fenced = c.newTransport(nil), c.newTransport(shun), c.newTransport(fence)
	for _, h := range hosts {
		l, err := c.check(h)
		if err != nil {
			return nil, err
		}
		key := hostKey(schemeOf(h.PlainHTTP), h.Name)
		if c.hosts[key] != nil {
			return nil, fmt.Errorf("registry %s: listed twice", h.Name)
		}
		c.hosts[key] = l
	}
	return c, nil
}

// Manifest reads the raw manifest under a tag or a digest, at most 4 MiB. The
// repository is host/path. What is asked for by digest has that digest.
func (c *Client) Manifest(ctx context.Context, repository, tagOrDigest string) ([]byte, error) {
	r, err := c.repository(repository)
	if err != nil {
		return nil, err
	}
	return r.manifest(ctx, tagOrDigest)
}

// Blob reads a blob of at most limit bytes; it has the digest. One that is not
// there is ErrUnavailable: a manifest names it, so its registry must have it.
func (c *Client) Blob(ctx context.Context, repository, digest string, limit int64) ([]byte, error) {
	r, err := c.repository(repository)
	if err != nil {
		return nil, err
	}
	return r.blob(ctx, digest, limit)
}

// Referrers lists what is attached to a digest, at most 1000 descriptors,
// whether or not the registry has the referrers API. The descriptors' digests
// are well formed; nothing else about them is checked.
func (c *Client) Referrers(ctx context.Context, repository, digest string) ([]Descriptor, error) {
	r, err := c.repository(repository)
	if err != nil {
		return nil, err
	}
	return r.referrers(ctx, digest)
}
