package distribution

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// manifestTypes are what a manifest may be.
const manifestTypes = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, " +
	"application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json"

// repository is one repository of a registry, as it is asked for.
type repository struct {
	*registry
	name name.Repository
	// ticket is what lets us in; one for all requests.
	ticket flight[ticket]
}

// repository finds out who is asked for host/path: the host or its mirror.
func (c *Client) repository(full string) (*repository, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.repositories[full]; r != nil {
		return r, nil
	}
	host, path, _ := strings.Cut(full, "/")
	if !pathPattern.MatchString(path) {
		return nil, fmt.Errorf("%.200q is no repository", full)
	}
	key := hostKey("https", host)
	if key == name.DefaultRegistry && !strings.Contains(path, "/") {
		path = "library/" + path
	}
	if l := c.listedAs(host); l != nil && l.mirror != "" {
		host = l.mirror
		if l.prefix != "" {
			path = l.prefix + "/" + path
		}
	}
	reg, err := c.registry(host)
	if err != nil {
		return nil, fmt.Errorf("%.200q: %w", full, err)
	}
	r := &repository{registry: reg, name: reg.name.Repo(path)}
	c.repositories[full] = r
	return r, nil
}

// listedAs looks a reference's host up; with a port it is listed under either
// scheme's spelling.
func (c *Client) listedAs(host string) *listed {
	if l := c.hosts[hostKey("http", host)]; l != nil && l.plain {
		return l
	}
	return c.hosts[hostKey("https", host)]
}

func (r *repository) manifest(ctx context.Context, tagOrDigest string) ([]byte, error) {
	digest := ""
	if strings.Contains(tagOrDigest, ":") {
		digest = tagOrDigest
		if err := checkDigest(digest); err != nil {
			return nil, err
		}
	} else if !tagPattern.MatchString(tagOrDigest) {
		return nil, fmt.Errorf("%.200q is no tag", tagOrDigest)
	}
	got, err := r.get(ctx, question{url: r.url("manifests/" + tagOrDigest), accept: manifestTypes, limit: maxManifest, digest: digest})
	switch {
	case no(err):
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	case err == nil && digest == "" && !isObject(got.body):
		// Whatever answered, it was not a registry with a manifest: the login page
		// of a network, or half of what was sent. What has its digest is as it is.
		err = &fault{subject: r.key + ": GET " + r.url("manifests/"+tagOrDigest).Path, cause: errNoManifest}
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return got.body, nil
}

const errNoManifest = lasting("the answer is no manifest: is it a registry that answers, and no login page or proxy before it?")

// isObject tells whether an answer is JSON of an object at all.
func isObject(raw []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) && json.Valid(raw)
}

func (r *repository) blob(ctx context.Context, digest string, limit int64) ([]byte, error) {
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	got, err := r.get(ctx, question{url: r.url("blobs/" + digest), limit: limit, digest: digest})
	return got.body, unavailable(err)
}

// url is that of something in the repository.
func (r *repository) url(rest string) *url.URL {
	return &url.URL{Scheme: r.scheme, Host: r.name.RegistryStr(), Path: "/v2/" + r.name.RepositoryStr() + "/" + rest}
}

// no tells whether the registry itself said that it does not have what was
// asked for. A token endpoint's 404 says nothing about that, nor does that of a
// store to which the registry sent us.
func no(err error) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && f.status == http.StatusNotFound && f.direct
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
