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
func environment(m *model.Model, at string, list []v1alpha1.EnvVar) finding.List {
	var out finding.List
	known := passthrough.Set()
	seen := map[string]bool{}
	for i, v := range list {
		path := fmt.Sprintf("%s[%d]", at, i)
		want := known[v.Name]
		if want == "" && widened(m).Variable(v.Name) {
			want = passthrough.Listed
		}
		add := func(field, what, fix string) {
			out = append(out, refuse(m, "predictor-variable", path+"."+field, what, fix))
		}
		mark := passthrough.Expanded(v.Value)
		switch {
		case want == "":
			why, fix := unlisted("env."+v.Name, "variables can make the server load another model than the verified one, or other code")
			add("name", fmt.Sprintf("%.100q is not on the allow-list: %s", v.Name, why), fix+"; "+these(known))
		case seen[v.Name]:
			add("name", fmt.Sprintf("%s is set twice", v.Name), "keep one of them")
		case mark != "":
			add("value", fmt.Sprintf("%.100q holds %s, which KServe or Kubernetes would put something else for", v.Value, mark), "write the value itself")
		case !want.Takes(v.Value):
			add("value", fmt.Sprintf("%.100q: %s takes %s", v.Value, v.Name, want), "correct the value")
		}
		seen[v.Name] = true
	}
	return out
}
