package distribution

import (
	"net/url"
	"strings"
)

const errLink = lasting("its list of referrers goes on at something that is no URL")

// nextPage finds the target of rel="next" in Link headers (RFC 8288), relative
// to the page they came with; nil where there is none.
func nextPage(page *url.URL, headers []string) (*url.URL, error) {
	for _, header := range headers {
		for header != "" {
			// A target may hold commas and semicolons, so that it comes first.
			_, rest, found := strings.Cut(header, "<")
			if !found {
				break
			}
			target, rest, found := strings.Cut(rest, ">")
			if !found {
				return nil, errLink
			}
			var next bool
			next, header = isNext(rest)
			if !next {
				continue
			}
			u, err := page.Parse(target)
			if err != nil {
				return nil, errLink
			}
			return u, nil
		}
	}
	return nil, nil
}

// isNext reads one link's parameters up to the comma that ends it.
func isNext(params string) (next bool, rest string) {
	for {
		params = strings.TrimLeft(params, " \t")
		if !strings.HasPrefix(params, ";") {
			_, rest, _ = strings.Cut(params, ",")
			return next, rest
		}
		end := strings.IndexAny(params[1:], ";,=")
		if end < 0 {
			return next, ""
		}
		key := strings.TrimSpace(params[1 : 1+end])
		params = params[1+end:]
		if params[0] != '=' {
			continue
		}
		var value string
		value, params = paramValue(strings.TrimLeft(params[1:], " \t"))
		if strings.EqualFold(key, "rel") {
			for _, relation := range strings.Fields(value) {
				next = next || strings.EqualFold(relation, "next")
			}
		}
	}
}

// paramValue reads a value, quoted or not.
func paramValue(s string) (value, rest string) {
	if strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s[1:], `"`)
		return value, rest
	}
	if end := strings.IndexAny(s, ";,"); end >= 0 {
		return strings.TrimSpace(s[:end]), s[end:]
	}
	return strings.TrimSpace(s), ""
}
