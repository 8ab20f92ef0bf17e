package trust

import (
	"fmt"
	"regexp"
	"strings"
)

// glob matches host/repository: * within one segment, ** across segments.
type glob struct {
	pattern *regexp.Regexp
}

var globPattern = regexp.MustCompile(`^[a-z0-9.*_-]+(:[0-9]+)?(/[a-z0-9._*-]+)*$`)

// compileGlob is strict about the text, as references are: an upper-case host
// or a default port would be a rule that never matches.
func compileGlob(text string) (glob, error) {
	switch {
	case strings.Contains(text, "://"):
		return glob{}, fmt.Errorf("%q: globs are written without a scheme; other sources than OCI registries are not supported yet", text)
	case !globPattern.MatchString(text), strings.Contains(text, "***"), strings.Contains(text, ".."):
		return glob{}, fmt.Errorf("%q is no glob over host/repository in lower case", text)
	case text != "**" && !strings.Contains(text, "/"):
		return glob{}, fmt.Errorf("%q names no repository: write %s/**", text, text)
	case crossing(text):
		// a**/x would match a.evil.example/x, and **.a/x evil.example/b.a/x.
		return glob{}, fmt.Errorf("%q: ** stands for whole segments: write it between slashes", text)
	case strings.Contains(text, ":443/"):
		return glob{}, fmt.Errorf("%q: leave out the default port", text)
	}
	var b strings.Builder
	b.WriteString(`^`)
	for rest := text; rest != ""; {
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
	pattern, err := regexp.Compile(b.String())
	if err != nil {
		return glob{}, fmt.Errorf("%q: %w", text, err)
	}
	return glob{pattern}, nil
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

func (g glob) match(repository string) bool { return g.pattern.MatchString(repository) }
