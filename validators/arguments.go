package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// arguments checks what a server is told in its arguments: flags of the tables
// that the runtime's server takes, or that the platform allows, each once, in one
// word. A runtime that is not KServe's may take any of them.
func arguments(m *model.Model, at, runtime string, list []string) finding.List {
	var out finding.List
	_, shipped := m.Platform.KServe().Find(runtime)
	shipped = shipped || m.LLM()
	known := passthrough.Known("")
	if shipped {
		known = passthrough.Known(runtime)
	}
	seen := map[string]string{}
	for i, arg := range list {
		path := fmt.Sprintf("%s[%d]", at, i)
		flag, value, valued := strings.Cut(arg, "=")
		want := known[flag]
		if want == "" && widened(m).Flag(flag) {
			want = passthrough.Listed
		}
		add := func(what, fix string) {
			out = append(out, refuse(m, "predictor-argument", path, what, fix))
		}
		mark := passthrough.Expanded(arg)
		switch {
		case mark != "":
			add(fmt.Sprintf("%.100q holds %s, which KServe or Kubernetes would put something else for", arg, mark), "write the value itself")
		case !strings.HasPrefix(arg, "--"):
			add(fmt.Sprintf("%.100q is no flag: by itself it could be the value of the flag before it, or name a model", arg), "write --flag=value as one text")
		case want == "" && shipped && passthrough.Known("")[flag] != "":
			add(fmt.Sprintf("the server of %s does not take %s", runtime, flag), "remove it; "+these(known))
		case want == "":
			why, fix := unlisted("args."+flag, "arguments can make the server load another model than the verified one")
			add(fmt.Sprintf("%.100q is not on the allow-list: %s", flag, why), fix+"; "+these(known))
		case !fits(want, value, valued):
			add(fmt.Sprintf("%.100q: %s", arg, expected(flag, want)), "correct the value")
		case seen[passthrough.Canonical(flag)] != "":
			add(fmt.Sprintf("%s is set twice (%s): one server takes the first, another the last", flag, seen[passthrough.Canonical(flag)]), "keep one of them")
		}
		seen[passthrough.Canonical(flag)] = flag
	}
	return out
}

// fits tells whether a flag's value, or its absence, is as the table says.
func fits(want passthrough.Value, value string, valued bool) bool {
	switch want {
	case passthrough.Switch:
		return !valued
	case passthrough.Listed:
		return want.Takes(value)
	default:
		return valued && want.Takes(value)
	}
}

func expected(flag string, want passthrough.Value) string {
	if want == passthrough.Switch {
		return flag + " takes no value"
	}
	return flag + "= takes " + string(want)
}

// these are the names that are allowed.
func these[V any](known map[string]V) string {
	if len(known) == 0 {
		return "this runtime takes none"
	}
	return "allowed: " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}
