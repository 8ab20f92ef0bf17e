package distribution

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// refer attaches a manifest to a digest as the API's registries find it.
func refer(t *testing.T, f *fixture, subject, artifactType string) string {
	raw := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":%q},"subject":{"digest":%q,"size":1,"mediaType":"x"},"annotations":{"a":"b"}}`, artifactType, subject)
	f.put(t, path, digestOf(raw), raw)
	return digestOf(raw)
}

func TestReferrersAPI(t *testing.T) {
	f := serve(t, true)
	c := newClient(t, plain(f))
	digest := refer(t, f, digestOf(model), "application/vnd.example")
	got, err := c.Referrers(t.Context(), f.host+"/"+path, digestOf(model))
	if err != nil || len(got) != 1 || got[0].Digest != digest || got[0].ArtifactType != "application/vnd.example" || got[0].Annotations["a"] != "b" || got[0].Size == 0 || got[0].MediaType == "" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := c.Referrers(t.Context(), f.host+"/"+path, some(1)); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	// Two lists are two requests, besides the ping.
	if len(f.requests) != 3 || f.asked("/referrers/") != 2 {
		t.Errorf("%q", f.requests)
	}
}

// TestReferrersFallback: a host without the API is asked for it once, and then
// costs one request for each digest.
func TestReferrersFallback(t *testing.T) {
	f := serve(t, false)
	c := newClient(t, plain(f))
	f.put(t, path, fallbackTag(some(7)), index(some(100), some(101)))
	for i := range 50 {
		got, err := c.Referrers(t.Context(), f.host+"/"+path, some(i))
		if err != nil || (i == 7) != (digests(got) == some(100)+" "+some(101)) || i != 7 && len(got) != 0 {
			t.Errorf("%d: %v, %v", i, got, err)
		}
	}
	if f.asked("/referrers/") != 1 || f.asked("/manifests/") != 50 {
		t.Errorf("%d questions for the API, %d for the tag", f.asked("/referrers/"), f.asked("/manifests/"))
	}
	// The first callers may each ask, if they come together.
	c = newClient(t, plain(f))
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if _, err := c.Referrers(t.Context(), f.host+"/"+path, some(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f.forget()
	if _, err := c.Referrers(t.Context(), f.host+"/"+path, some(1)); err != nil || f.asked("/referrers/") != 0 {
		t.Errorf("%v, %q", err, f.requests)
	}
}

// TestReferrersAbsence: what counts as having no API, and for how long.
func TestReferrersAbsence(t *testing.T) {
	codes := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"errors":[{"code":%q}]}`, code)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		asks   int // of two lists, how many ask the API
		want   string
	}{
		"a page":          {codes(404, ""), 1, ""},
		"another code":    {codes(404, "METHOD_UNKNOWN"), 1, ""},
		"no repository":   {codes(404, "NAME_UNKNOWN"), 2, ""},
		"no manifest":     {codes(404, "MANIFEST_UNKNOWN"), 2, ""},
		"not acceptable":  {status(406), 2, ""},
		"bad request":     {status(400), 2, ""},
		"forbidden":       {status(403), 2, "403 Forbidden"},
		"not implemented": {status(501), 2, "501 Not Implemented"},
		"gone":            {status(410), 2, "410 Gone"},
		"something":       {text(`{}`), 2, "its list of referrers is no OCI image index"},
		"no JSON":         {text(`<html>`), 2, "its list of referrers is no OCI image index"},
		"no list":         {text(`{"manifests":{}}`), 2, "its list of referrers is no OCI image index"},
		"no object":       {text(`[]`), 2, "its list of referrers is no OCI image index"},
		"a tag":           {text(`{"manifests":[{"digest":"v7"}]}`), 2, "an entry without a sha256 digest"},
		"half of it":      {text(`{"manifests":[`), 2, "its list of referrers is no OCI image index"},
		"empty":           {text(`{"manifests":[]}`), 2, ""},
		"null":            {text(`{"manifests":null}`), 2, ""},
		"endless":         {text(strings.Repeat(" ", maxManifest+1)), 2, "the answer is longer than 4194304 bytes"},
		"redirected 404": {func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "https://gone.invalid/", http.StatusFound)
		}, 2, "gone.invalid"},
		"truncated always": {truncated, 8, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on("/referrers/", test.answer)
			c := newClient(t, plain(f))
			c.dial = (&internet{servers: map[string]string{"127.0.0.1": f.host}}).dial
			for range 2 {
				got, err := c.Referrers(t.Context(), f.host+"/"+path, digestOf(model))
				if test.want != "" {
					want(t, err, ErrUnavailable, f.host+": GET /v2/models/fraud/referrers/", test.want)
				} else if err != nil || len(got) != 0 {
					t.Errorf("%v, %v", got, err)
				}
			}
			if n := f.asked("/referrers/"); n != test.asks {
				t.Errorf("%d requests, want %d", n, test.asks)
			}
		})
	}
}

// TestFallbackTag: what is no index is no list.
func TestFallbackTag(t *testing.T) {
	f := serve(t, false)
	tag := fallbackTag(digestOf(model))
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"an image":     {[]byte(`{"layers":[]}`), ""},
		"the subject":  {model, ""},
		"a tag's name": {[]byte(`{"manifests":[{"digest":"v7"}]}`), "an entry without a sha256 digest"},
		"too many":     {index(many(maxListed + 1)...), "more than 1000 referrers are attached to it"},
	} {
		f.put(t, path, tag, test.content)
		got, err := newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, digestOf(model))
		if test.want != "" {
			want(t, err, nil, f.host+"/"+path+":"+tag, test.want)
		} else if err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	// GitLab answers sha256-... with the manifest of that digest.
	children := index(some(1), some(2))
	f.put(t, path, fallbackTag(digestOf(children)), children)
	if got, err := newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, digestOf(children)); err != nil || len(got) != 0 {
		t.Errorf("an index's own children are its referrers: %v, %v", got, err)
	}
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = some(i)
	}
	return out
}

// pages serves a list in pages of two.
func pages(total int, link func(next int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var at int
		_, _ = fmt.Sscan(req.URL.Query().Get("at"), &at)
		end := min(at+2, total)
		if end < total {
			w.Header().Set("Link", link(end))
		}
		_, _ = w.Write(index(many(total)[at:end]...))
	}
}

func TestPages(t *testing.T) {
	subject := digestOf(model)
	for name, link := range map[string]func(int) string{
		"path":     func(n int) string { return fmt.Sprintf(`</v2/%s/referrers/%s?at=%d>; rel="next"`, path, subject, n) },
		"relative": func(n int) string { return fmt.Sprintf(`<?at=%d>;rel=next`, n) },
		"several": func(n int) string {
			return fmt.Sprintf(`<https://evil.example.com/>; rel="first", <?at=%d>; rel="last NEXT"`, n)
		},
	} {
		f := serve(t, true)
		f.on("/referrers/", pages(6, link))
		got, err := newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, subject)
		if err != nil || digests(got) != strings.Join(many(6), " ") || f.asked("/referrers/") != 3 {
			t.Errorf("%s: %v, %v, %q", name, got, err, f.requests)
		}
	}
}

// TestPagesElsewhere: a list goes on at the same host or not at all, and it ends.
func TestPagesElsewhere(t *testing.T) {
	other := serve(t, true)
	for name, test := range map[string]struct {
		link string
		want string
	}{
		"another host":   {"<http://" + other.host + "/v2/x/referrers/y>; rel=next", "its list of referrers goes on at another host"},
		"host alone":     {"<//" + other.host + "/v2/>; rel=next", "its list of referrers goes on at another host"},
		"another scheme": {"<https:///v2/>; rel=next", "its list of referrers goes on at another host"},
		"a user":         {"<//robot@HOST/v2/>; rel=next", "its list of referrers goes on at another host"},
		"no URL":         {"<http://%zz/>; rel=next", "something that is no URL"},
		"no end":         {"<?at=0", "something that is no URL"},
		"itself":         {"<?at=0>; rel=next", "its list of referrers has too many pages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, true)
			f.on("/referrers/", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Link", strings.ReplaceAll(test.link, "HOST", f.host))
				_, _ = w.Write(index(some(1)))
			})
			got, err := newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, digestOf(model))
			want(t, err, ErrUnavailable, f.host, test.want)
			if n := f.asked("/referrers/"); got != nil || n > maxPages {
				t.Errorf("%v after %d requests", got, n)
			}
		})
	}
	if other.asked("") != 0 {
		t.Errorf("%q", other.requests)
	}
}

// TestPagesAreBoundedTogether: in their entries, and in their bytes.
func TestPagesAreBoundedTogether(t *testing.T) {
	f := serve(t, true)
	f.on("/referrers/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<?at=1>; rel="next"`)
		_, _ = w.Write(index(many(400)...))
	})
	_, err := newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, digestOf(model))
	want(t, err, nil, f.host+"/"+path+"@"+digestOf(model), "more than 1000 referrers are attached to it")
	if f.asked("/referrers/") != 3 {
		t.Errorf("%q", f.requests)
	}
	f.forget()
	f.on("/referrers/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<?at=1>; rel="next"`)
		_, _ = w.Write(append(index(some(1)), bytes.Repeat([]byte(" "), 3<<20)...))
	})
	_, err = newClient(t, plain(f)).Referrers(t.Context(), f.host+"/"+path, digestOf(model))
	want(t, err, ErrUnavailable, "the answer is longer than")
	if f.asked("/referrers/") != 3 {
		t.Errorf("%q", f.requests)
	}
}
