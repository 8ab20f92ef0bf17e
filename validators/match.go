package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// match: the headers by which a canary is asked for come on top of those that the
// platform demands of every request. One of the same name would take its place, and
// let in whom the platform keeps out.
func match(m *model.Model) finding.List {
	gateway := m.Platform.Spec.Serving.Gateway
	if m.LLM() || gateway == nil || m.Canary == nil {
		return nil // without a gateway of ours nothing matches headers
	}
	var out finding.List
	for _, name := range slices.Sorted(maps.Keys(m.Share.Match)) {
		for demanded := range gateway.Headers {
			if strings.EqualFold(name, demanded) {
				out = append(out, refuse(m, "match", m.Canary.Field+".match."+name,
					fmt.Sprintf("platform %s demands this header of every request, the canary's included", m.Platform.Name), "use another header"))
			}
		}
	}
	if n := len(m.Share.Match) + len(gateway.Headers); n > v1alpha1.MaxHeaders {
		out = append(out, refuse(m, "match", m.Canary.Field+".match",
			fmt.Sprintf("%d headers with those of platform %s, and a route takes %d", n, m.Platform.Name, v1alpha1.MaxHeaders), "use fewer"))
	}
	return out
}
