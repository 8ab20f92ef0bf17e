package distribution

import (
	"context"
	"fmt"
	"net/url"
)

// Page reads a page of at most limit bytes from a host that is no registry: a
// model hub's API. The rules of registries hold, its mirror included, but no
// credentials are sent. A 404 is ErrNotFound.
func (c *Client) Page(ctx context.Context, host, path string, limit int64) ([]byte, error) {
	r, path, err := c.page(host, path)
	if err != nil {
		return nil, err
	}
	q := question{url: &url.URL{Scheme: r.scheme, Host: r.name.RegistryStr(), Path: path}, limit: limit}
	var got answer
	err = r.try(ctx, func() error {
		t := &trip{registry: r, subject: r.key + ": GET " + path, credentials: "it wants credentials, and gets none", limit: limit}
		var err error
		got, err = t.ask(ctx, q)
		return err
	})
	if no(err) {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return got.body, unavailable(err)
}

func (c *Client) page(host, path string) (*registry, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.listedAs(host); l != nil && l.mirror != "" {
		host = l.mirror
		if l.prefix != "" {
			path = "/" + l.prefix + path
		}
	}
	r, err := c.registry(host)
	return r, path, err
}
