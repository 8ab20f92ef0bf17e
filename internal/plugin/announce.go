package plugin

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// announcement is a parameter as Argo CD's user interface shows it
// (ParameterAnnouncement of its repo-server).
type announcement struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Tooltip string `json:"tooltip"`
}

// shown bounds how many names a tooltip lists.
const shown = 5

// Announce is the JSON that Argo CD reads from a plugin's dynamic parameters: those
// that change something for this package. What is always there stands in
// plugin.yaml.
func Announce(p fn.Package) ([]byte, error) {
	out := []announcement{} // Argo CD wants a list, also an empty one
	var without []string
	for _, d := range p.Deployments {
		if d.Metadata.Namespace == "" {
			without = append(without, d.Metadata.Name)
		}
	}
	if len(without) > 0 {
		out = append(out, announcement{
			Name: Namespace, Title: "Namespace of models that name none",
			Tooltip: finding.Neutralise(fmt.Sprintf("%d of %d ModelDeployments name no namespace: %s", len(without), len(p.Deployments), some(without))),
		})
	}
	return json.Marshal(out)
}

func some(names []string) string {
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}
