package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// environment checks what a server is told in its environment: variables of the
// tables, or that the platform allows, each once.
func environment(m *model.Model, v *model.Version, at string, list []v1alpha1.EnvVar) finding.List {
	if len(list) == 0 {
		return nil
	}
	var out finding.List
	known := passthrough.Set()
	seen := map[string]bool{}
	for i, e := range list {
		path := fmt.Sprintf("%s[%d]", at, i)
		want := known[e.Name]
		if want == "" && widened(m).Variable(e.Name) {
			want = passthrough.Listed
		}
		add := func(field, what, fix string) {
			out = append(out, refuse(m, "predictor-variable", path+"."+field, what, fix))
		}
		mark := passthrough.Expanded(e.Value)
		switch {
		case carriesName(m, v, "env."+e.Name):
			add("name", fmt.Sprintf("%s tells the runtime %s under which name to serve, which modelfn does", e.Name, v.Runtime()), "remove it")
		case want == "":
			why, fix := unlisted("env."+e.Name, "variables can make the server load another model than the verified one, or other code")
			add("name", fmt.Sprintf("%.100q is not on the allow-list: %s", e.Name, why), meant(e.Name, known)+fix+"; "+these(known))
		case seen[e.Name]:
			add("name", fmt.Sprintf("%s is set twice", e.Name), "keep one of them")
		case mark != "":
			add("value", fmt.Sprintf("%.100q holds %s, which KServe or Kubernetes would put something else for", e.Value, mark), "write the value itself")
		case !want.Takes(e.Value):
			add("value", fmt.Sprintf("%.100q: %s takes %s", e.Value, e.Name, want), "correct the value")
		}
		seen[e.Name] = true
	}
	return out
}
