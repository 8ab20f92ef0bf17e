package trust

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// glob matches a reference's location: host/repository of an OCI artifact, and
// scheme://... of anything else. * stands for one segment or a part of it, **
// for any number of segments, but one at least.
type glob struct {
	// scheme is "" for OCI artifacts; a glob over one scheme matches no other.
	scheme  string
	pattern *regexp.Regexp
}

var (
	ociGlob = pattern.New(`^[a-z0-9.*_-]+(:[0-9]+)?(/[a-z0-9._*-]+)*$`)
	// otherGlob is over locations that package artifact parses: no query, no
	// percent encoding, no empty segment.
	otherGlob = pattern.New(`^(hf|s3|gs|https|pvc)://[A-Za-z0-9.*_-]+(:[0-9]+)?(/[A-Za-z0-9._=@+,*-]+)*$`)
)

// compileGlob is strict about the text, as references are: an upper-case host
// or a default port would be a rule that never matches.
func compileGlob(text string) (glob, error) {
	pattern := ociGlob
	scheme, path, schemed := strings.Cut(text, "://")
	if schemed {
		pattern = otherGlob
	} else {
		scheme, path = "", text
	}
	switch {
	case scheme == "oci" || scheme == "kit":
		return glob{}, fmt.Errorf("%q: globs over OCI registries are written without a scheme: %s", text, path)
	case !pattern.MatchString(text), strings.Contains(text, "***"), strings.Contains(path, ".."):
		return glob{}, fmt.Errorf("%q is no glob over host/repository in lower case, nor over hf://, s3://, gs://, https:// or pvc:// and a path", text)
	case !schemed && text != "**" && !strings.Contains(text, "/"):
		return glob{}, fmt.Errorf("%q names no repository: write %s/**", text, text)
	case crossing(path):
		// a**/x would match a.evil.example/x, and **.a/x evil.example/b.a/x.
		return glob{}, fmt.Errorf("%q: ** stands for whole segments: write it between slashes", text)
	case strings.Contains(path, ":443/"):
		return glob{}, fmt.Errorf("%q: leave out the default port", text)
	}
	var b strings.Builder
	b.WriteString(`^`)
	for rest := path; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**"):
			b.WriteString(`.+`)
			rest = rest[2:]
		case rest[0] == '*':
			b.WriteString(`[^/]+`)
			rest = rest[1:]
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
		}
	}
	b.WriteString(`$`)
	compiled, err := regexp.Compile(b.String())
	if err != nil {
		return glob{}, fmt.Errorf("%q: %w", text, err)
	}
	return glob{scheme, compiled}, nil
}

// crossing tells whether ** is a part of a segment only.
func crossing(text string) bool {
	for segment := range strings.SplitSeq(text, "/") {
		if segment != "**" && strings.Contains(segment, "**") {
			return true
		}
	}
	return false
}

func (g glob) match(location string) bool {
	scheme, path, schemed := strings.Cut(location, "://")
	if !schemed {
		scheme, path = "", location
	}
	return scheme == g.scheme && g.pattern.MatchString(path)
}

// Pattern is a glob for who cannot call this package, such as an API server: an
// expression (RE2) that the whole of what stands behind the scheme has to match.
type Pattern struct {
	// Scheme is "" for OCI artifacts.
	Scheme, Expression string
}

func (g glob) export() Pattern {
	return Pattern{g.scheme, strings.TrimSuffix(strings.TrimPrefix(g.pattern.String(), "^"), "$")}
}
