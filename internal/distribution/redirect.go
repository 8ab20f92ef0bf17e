package distribution

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
)

// Why a request is not sent.
const (
	errPlain            = lasting("plain HTTP is not allowed for this host by the platform's spec.registries")
	errOnlyPlain        = lasting("listed with plainHTTP")
	errOtherScheme      = lasting("the other scheme is not tried")
	errScheme           = lasting("neither http nor https")
	errDowngrade        = lasting("redirected from https to http")
	errLocation         = lasting("redirected to something that is no URL")
	errTooManyRedirects = lasting("more than 10 redirects")
	errLinkLocal        = lasting("it leads to an address at which clouds answer whoever runs there; list the host in the platform's spec.registries if it may")
	errNotPublic        = lasting("a public registry leads to an address that is not public; list the host in the platform's spec.registries if it may")
	errBody             = lasting("a token exchange is redirected to another host")
)

// route decides whether a request may be sent, and over which connections. It
// sees each one, also those that go-containerregistry makes of a redirect.
func (t *trip) route(req *http.Request) (http.RoundTripper, error) {
	c, key := t.registry.client, keyOf(req.URL)
	l := c.hosts[key]
	plain := l != nil && l.plain
	switch {
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return nil, errScheme
	case req.Response != nil && req.Response.Request.URL.Scheme == "https" && req.URL.Scheme == "http":
		return nil, errDowngrade
	case req.URL.Scheme == "http" && !plain:
		return nil, errPlain
	case req.URL.Scheme == "https" && plain:
		return nil, errOnlyPlain
	case req.Response != nil && req.Body != nil && req.Body != http.NoBody && key != t.tokenHost:
		// net/http repeats the body, which holds the refresh token, on a 307.
		return nil, errBody
	case l != nil && l.transport != nil:
		return l.transport, nil
	case l != nil, key == t.registry.key:
		// The registry itself, and what the platform lists.
		return c.direct, nil
	case !t.public.Load():
		// What a registry on private ground has beside it: its store, its token
		// endpoint.
		if at, ok := literal(req.URL.Hostname()); ok && linkLocal(at) {
			return nil, errLinkLocal
		}
		return c.beside, nil
	case c.proxied(req):
		// The connection goes to the proxy, so that there is no address to look
		// at: only a host that is itself an address can be refused. Names that
		// resolve to private addresses are the proxy's to refuse.
		if private(req.URL.Hostname()) {
			return nil, errNotPublic
		}
		return c.direct, nil
	}
	return c.fenced, nil
}

// fence refuses connections to addresses that are not public. A registry could
// otherwise make us send requests into the network that we run in: to a cloud's
// metadata, to services that trust whoever reaches them. Looking at the address
// of the connection, not at the URL, covers names that resolve there, all
// spellings, and names that resolve differently the second time.
func fence(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return errNotPublic
	}
	return nil
}

// shun refuses connections to link-local addresses. No registry's store is there, but
// a cloud's metadata: credentials for whoever asks from within.
func shun(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || linkLocal(at.Addr()) {
		return errLinkLocal
	}
	return nil
}

// isPublic tells whether an answer comes from a public address. What comes
// through a proxy does, unless its host is itself a private address: where the
// proxy stands says nothing.
func (c *Client) isPublic(req *http.Request, remote net.Addr) bool {
	if c.proxied(req) {
		return !private(req.URL.Hostname())
	}
	at, err := netip.ParseAddrPort(remote.String())
	return err != nil || public(at.Addr())
}

func (c *Client) proxied(req *http.Request) bool {
	proxy, err := c.proxy(req)
	return err == nil && proxy != nil
}

// private tells it of a host's text alone.
func private(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	at, ok := literal(host)
	return ok && !public(at)
}
