package distribution

import (
	"crypto/tls"
	"net/http"
	"testing"
)

// TestCABundle: it is used instead of the system's roots, for its host alone.
func TestCABundle(t *testing.T) {
	f, one, other := newFixture(t, true), newAuthority(t), newAuthority(t)
	here, there := one.serve(f), one.serve(f)
	ask := func(c *Client, host string) error {
		_, err := c.Manifest(t.Context(), host+"/"+path, "v7")
		return err
	}
	if err := ask(newClient(t, Host{Name: here, CABundle: one.pem}), here); err != nil {
		t.Error(err)
	}
	if err := ask(newClient(t, Host{Name: here, CABundle: other.pem + one.pem}), here); err != nil {
		t.Error(err)
	}
	f.forget()
	const unknown, advice = "certificate signed by unknown authority", "list the host with its caBundle in the platform's spec.registries"
	want(t, ask(newClient(t), here), ErrUnavailable, here, unknown, advice)
	want(t, ask(newClient(t, Host{Name: here}), here), ErrUnavailable, unknown)
	want(t, ask(newClient(t, Host{Name: here, CABundle: one.pem}), there), ErrUnavailable, there, unknown)
	system := newClient(t, Host{Name: here, CABundle: other.pem})
	one.system(system)
	want(t, ask(system, here), ErrUnavailable, unknown)
	if err := ask(system, there); err != nil {
		t.Error(err)
	}
	if n := f.asked(""); n != 2 {
		t.Errorf("%d requests, want those of the last question: a failed certificate is not tried again, nor over http", n)
	}
}

// TestOldTLS: 1.2 is the oldest.
func TestOldTLS(t *testing.T) {
	ca := newAuthority(t)
	server := ca.server(newFixture(t, true), &tls.Config{MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11})
	host := server.Listener.Addr().String()
	_, err := newClient(t, Host{Name: host, CABundle: ca.pem}).Manifest(t.Context(), host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "protocol version")
}

// TestPlainHTTPMustBeListed: go-containerregistry would try http for loopback
// and private hosts by itself, also after a failed handshake.
func TestPlainHTTPMustBeListed(t *testing.T) {
	f := serve(t, true)
	for name, hosts := range map[string][]Host{
		"not listed": nil, "listed for https": {{Name: f.host}}, "another port": {{Name: "127.0.0.1", PlainHTTP: true}},
	} {
		_, err := newClient(t, hosts...).Manifest(t.Context(), f.host+"/"+path, "v7")
		want(t, err, ErrUnavailable, f.host, "server gave HTTP response to HTTPS client", "list the host with plainHTTP")
		if len(f.requests) > 0 {
			t.Errorf("%s: %q", name, f.requests)
		}
	}
	for _, host := range []string{"localhost:1", "10.0.0.1", "192.168.0.1:5000", "x.localhost:1"} {
		c, net := newClient(t), &internet{}
		c.dial = net.dial
		net.names = map[string]string{"localhost": "127.0.0.1", "x.localhost": "127.0.0.1"}
		_, err := c.Manifest(t.Context(), host+"/"+path, "v7")
		want(t, err, ErrUnavailable, host)
	}
}

// TestPlainHTTPOnly: what is listed with plainHTTP is not asked over https.
func TestPlainHTTPOnly(t *testing.T) {
	f, ca := newFixture(t, true), newAuthority(t)
	host := ca.serve(f)
	_, err := newClient(t, Host{Name: host, PlainHTTP: true}).Manifest(t.Context(), host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "400 Bad Request")
	plainly := serve(t, true)
	plainly.on("/blobs/", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://"+host+req.URL.Path, http.StatusFound)
	})
	_, err = newClient(t, plain(plainly), Host{Name: host, PlainHTTP: true}).Blob(t.Context(), plainly.host+"/"+path, digestOf(config), 100)
	want(t, err, ErrUnavailable, host+": listed with plainHTTP")
	if len(f.requests) > 0 {
		t.Errorf("%q", f.requests)
	}
}
