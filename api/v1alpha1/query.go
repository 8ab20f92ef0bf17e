package v1alpha1

import (
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
	"github.com/modelfn/modelfn/internal/suggest"
)

// braced is one word in braces, which PromQL has a use for within quotes only: a
// selector compares.
var braced = pattern.New(`\{[A-Za-z_][A-Za-z0-9_]*\}`)

// unknownInQuery is what of a query looks as if something would be put there, where
// nothing is; "" where there is none. Within quotes, where paths such as
// "/users/{id}" stand, it must nearly be a name that is known.
func unknownInQuery(query string) string {
	for _, at := range braced.FindAllStringIndex(query, -1) {
		left := query[at[0]:at[1]]
		word := strings.ToLower(strings.Trim(left, "{}"))
		switch {
		case left == "{name}" || left == "{namespace}":
		case !quoted(query[:at[0]]), suggest.Distance(word, "name") <= 1, suggest.Distance(word, "namespace") <= 2:
			return left
		}
	}
	return ""
}

// quoted tells whether what follows a query's beginning is within quotes.
func quoted(before string) bool {
	var quote byte
	for i := 0; i < len(before); i++ {
		switch c := before[i]; {
		case quote == 0 && strings.IndexByte("\"'`", c) >= 0:
			quote = c
		case quote != 0 && quote != '`' && c == '\\':
			i++
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}
