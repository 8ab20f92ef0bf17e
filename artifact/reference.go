package artifact

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Scheme is the part of a model URI before "://".
type Scheme string

const (
	// OCI is KServe's scheme for a runnable image with the model in /models.
	OCI Scheme = "oci"
	// Kit is the scheme of ModelKits, unpacked by KitOps' initializer.
	Kit Scheme = "kit"
)

// Reference is a parsed model URI: a repository and a tag or digest.
type Reference struct {
	uri        string
	scheme     Scheme
	repository string // host/path
	tag        string
	digest     Digest
}

// The grammar is the OCI distribution specification's, which has no "..", no
// empty segment, no upper case and no percent encoding. Hosts must be written
// canonically: trust rules match the text, and REGISTRY.example.com, a trailing
// dot or :443 would be the same host under another text.
var (
	hostPattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$`)
	pathPattern = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagPattern  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
)

// maxReference bounds a URI: host 255, path 255, tag 128, digest 71.
const maxReference = 1024

// ParseReference reads a model URI: oci:// or kit://, host/path and a tag, a
// digest, or both (then the digest counts). The error says what is wrong with
// it in words for the user.
func ParseReference(uri string) (Reference, error) {
	r := Reference{uri: uri}
	scheme, rest, ok := strings.Cut(uri, "://")
	switch {
	case len(uri) > maxReference:
		return Reference{}, fmt.Errorf("longer than %d characters", maxReference)
	case !ok:
		return Reference{}, fmt.Errorf("no scheme: write oci://%s or kit://%s", uri, uri)
	case scheme != string(OCI) && scheme != string(Kit):
		return Reference{}, fmt.Errorf("scheme %q is not supported: use oci:// or kit://", scheme)
	}
	r.scheme = Scheme(scheme)
	rest, digest, pinned := strings.Cut(rest, "@")
	if pinned {
		var err error
		if r.digest, err = ParseDigest(digest); err != nil {
			return Reference{}, err
		}
	}
	host, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		path, r.tag = path[:i], path[i+1:]
		if !tagPattern.MatchString(r.tag) {
			return Reference{}, fmt.Errorf("%q is no tag", r.tag)
		}
	}
	switch {
	case !hostPattern.MatchString(host) || !strings.ContainsAny(host, ".:") && host != "localhost":
		return Reference{}, fmt.Errorf("%q is no registry host: write it in full and in lower case", host)
	case strings.HasSuffix(host, ":443"):
		return Reference{}, fmt.Errorf("host %q: leave out the default port", host)
	case !pathPattern.MatchString(path):
		return Reference{}, fmt.Errorf("%q is no repository path", path)
	case r.tag == "" && !pinned:
		return Reference{}, fmt.Errorf("neither tag nor digest: name one, %s:TAG", uri)
	}
	r.repository = host + "/" + path
	return r, nil
}

// String is the URI as it was written.
func (r Reference) String() string { return r.uri }

// Repository is host/path as written, what trust rules match.
func (r Reference) Repository() string { return r.repository }

// Pinned tells whether the reference itself names a digest.
func (r Reference) Pinned() bool { return r.digest != "" }

// At is the reference pinned to a digest, its URI as it was: for fetching again
// what is locked already.
func (r Reference) At(d Digest) Reference {
	r.digest = d
	return r
}

// repo is the repository for go-containerregistry. Insecure lets it try http;
// whether http may be used is the transport's decision alone.
func (r Reference) repo(insecure bool) (name.Repository, error) {
	var opts []name.Option
	if insecure {
		opts = append(opts, name.Insecure)
	}
	return name.NewRepository(r.repository, opts...)
}
