package fn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// collisions: two deployments whose names differ can still lead to one object,
// since the names of versions, and of what KServe makes for them, are put together
// from the deployment's, and so are host names and paths. One would overwrite the
// other, or take its traffic.
func collisions(objects []Generated) finding.List {
	var out finding.List
	owners := map[string]Generated{}
	told := map[[2]finding.Resource]bool{}
	for _, g := range objects {
		for _, claim := range slices.Concat(generators.MadeByKServe(g.Object), generators.RouteClaims(g.Object), []object.Object{g.Object}) {
			id := kindOf(claim.APIVersion, claim.Kind) + " " + strings.TrimPrefix(claim.Namespace+"/"+claim.Name, "/")
			first, taken := owners[id]
			if !taken {
				owners[id] = g
				continue
			}
			pair := [2]finding.Resource{first.For, g.For}
			if first.For == g.For || told[pair] {
				continue
			}
			told[pair] = true
			verb, fix := "leads to", "rename one of the two ModelDeployments"
			switch claim.Kind {
			case "path":
				fix = "give one of the two another spec.llm.name, and its adapters other names"
			case generators.KindRequests:
				verb = "takes the"
				fix += ", or have the platform keep name and namespace apart (spec.serving.gateway): {name}.{namespace}. in hostnames, or /{namespace}/{name} as pathPrefix"
			}
			out = append(out, finding.Finding{
				Rule: "name-collision", Severity: finding.Error, Resource: g.For, Field: "metadata.name",
				Message: fmt.Sprintf("it %s %s, and so does %s", verb, id, first.For),
				Fix:     fix,
			})
		}
	}
	return out
}

// kindOf is a kind with its group, whatever the version.
func kindOf(apiVersion, kind string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return kind
	}
	return kind + "." + group
}
