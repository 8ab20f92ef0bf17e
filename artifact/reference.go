package artifact

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Reference is a parsed model URI: where the model is, and which one of what is
// there.
type Reference struct {
	uri    string
	scheme Scheme
	// location is host/path of an OCI repository, without the scheme, and the
	// URI without its revision for everything else.
	location string
	tag      string
	digest   Digest
	// revision is a commit or branch of a model hub.
	revision string
}

// maxReference bounds a URI: host 255, path 255, tag 128, digest 71.
const maxReference = 1024

// ParseReference reads a model URI. The error says what is wrong with it in
// words for the user.
func ParseReference(uri string) (Reference, error) {
	if len(uri) > maxReference {
		return Reference{}, fmt.Errorf("longer than %d characters", maxReference)
	}
	r := Reference{uri: uri}
	scheme, rest, schemed := strings.Cut(uri, "://")
	if !schemed {
		scheme, rest = "", uri
	}
	r.scheme = Scheme(scheme)
	var err error
	switch r.scheme {
	case anyOCI:
		if schemed {
			return Reference{}, fmt.Errorf("nothing before ://: use one of %s, or no scheme for an OCI artifact", schemeList())
		}
		err = r.parseOCI(rest)
	case OCI, Kit:
		err = r.parseOCI(rest)
	case HuggingFace:
		err = r.parseHub(rest)
	case S3, GS, HTTPS, PVC:
		err = r.parseStorage(rest)
	default:
		err = fmt.Errorf("scheme %q is not supported: use %s", scheme, schemeList())
	}
	if err != nil {
		return Reference{}, err
	}
	return r, nil
}

// The grammar is the OCI distribution specification's, which has no "..", no
// empty segment, no upper case and no percent encoding. Hosts must be written
// canonically: trust rules match the text, and REGISTRY.example.com, a trailing
// dot or :443 would be the same host under another text.
var (
	hostPattern = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$`)
	pathPattern = pattern.New(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagPattern  = pattern.New(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
)

// parseOCI reads host/path and a tag, a digest, or both (then the digest
// counts).
func (r *Reference) parseOCI(rest string) error {
	rest, digest, pinned := strings.Cut(rest, "@")
	if pinned {
		var err error
		if r.digest, err = ParseDigest(digest); err != nil {
			return err
		}
	}
	host, path, found := strings.Cut(rest, "/")
	if !found && strings.Count(r.uri, ".") == 0 {
		return fmt.Errorf("it names no registry: write it in full, such as registry.example.com/%s", strings.TrimPrefix(r.uri, string(r.scheme)+"://"))
	}
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		path, r.tag = path[:i], path[i+1:]
		if !tagPattern.MatchString(r.tag) {
			return fmt.Errorf("%q is no tag", r.tag)
		}
	}
	if err := checkHost(host); err != nil {
		return err
	}
	switch {
	case !pathPattern.MatchString(path):
		return fmt.Errorf("%q is no repository path", path)
	case r.tag == "" && !pinned:
		return fmt.Errorf("neither tag nor digest: name one, %s:TAG", r.uri)
	}
	r.location = host + "/" + path
	return nil
}

func checkHost(host string) error {
	switch {
	case !hostPattern.MatchString(host) || !strings.ContainsAny(host, ".:") && host != "localhost":
		return fmt.Errorf("%q is no host: write it in full and in lower case", host)
	case strings.HasSuffix(host, ":443"):
		return fmt.Errorf("host %q: leave out the default port", host)
	}
	return nil
}

// String is the URI as it was written.
func (r Reference) String() string { return r.uri }

// Scheme is the URI's scheme; "" is an OCI artifact of any kind.
func (r Reference) Scheme() Scheme { return r.scheme }

// Location is what trust rules match: host/path of an OCI repository, and the
// URI without its revision for other schemes.
func (r Reference) Location() string { return r.location }

// Repository is host/path of an OCI repository, and "" for other schemes.
func (r Reference) Repository() string {
	if r.scheme.isOCI() {
		return r.location
	}
	return ""
}

// Tag is the tag, or "".
func (r Reference) Tag() string { return r.tag }

// Pinned tells whether the reference itself names a digest.
func (r Reference) Pinned() bool { return r.digest != "" }

// Identity is the identity of the artifact that a pinned reference names.
func (r Reference) Identity() string { return r.location + "@" + string(r.digest) }

// At is the reference pinned to a digest, its URI as it was: for fetching again
// what is locked already.
func (r Reference) At(d Digest) Reference {
	r.digest = d
	return r
}

// identifier is what to ask the registry for: the digest where there is one.
func (r Reference) identifier() string {
	if r.Pinned() {
		return string(r.digest)
	}
	return r.tag
}
