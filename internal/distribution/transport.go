package distribution

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// control looks at an address before a connection to it is made.
type control func(network, address string, _ syscall.RawConn) error

// dial makes a connection to a host:port, each of its addresses looked at.
type dial func(ctx context.Context, network, address string, look control) (net.Conn, error)

func dialNetwork(ctx context.Context, network, address string, look control) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Control: look}
	return d.DialContext(ctx, network, address)
}

// newTransport makes one pool of connections. With a CA bundle, an https proxy
// is held against that bundle too: net/http has one configuration for both.
func (c *Client) newTransport(look control) *http.Transport {
	return &http.Transport{
		Proxy: func(req *http.Request) (*url.URL, error) { return c.proxy(req) },
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return c.dial(ctx, network, address, look)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxResponseHeaderBytes: maxHeader,
		IdleConnTimeout:        90 * time.Second,
		// What has a digest is compared as it was sent.
		DisableCompression: true,
	}
}
