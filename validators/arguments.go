package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
	"github.com/modelfn/modelfn/internal/suggest"
)

// arguments checks what a server is told in its arguments: flags of the tables
// that the runtime's server takes, or that the platform allows, each once, in one
// word. A runtime that is not KServe's may take any of them.
func arguments(m *model.Model, v *model.Version, at string, list []string) finding.List {
	if len(list) == 0 {
		return nil
	}
	var out finding.List
	runtime := server(m, v)
	known, shipped := flags(m, runtime)
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
		mark, whole := passthrough.Expanded(arg), passthrough.NoArguments(runtime)
		switch {
		case shipped && whole != "":
			add(fmt.Sprintf("%.100q cannot be told to %s: %s", arg, runtime, whole), "remove it, or use another runtime")
		case mark != "":
			add(fmt.Sprintf("%.100q holds %s, which KServe or Kubernetes would put something else for", arg, mark), "write the value itself")
		case !strings.HasPrefix(arg, "--"):
			add(fmt.Sprintf("%.100q is no flag: by itself it could be the value of the flag before it, or name a model", arg), "write "+joined(known, list, i-1)+" as one text")
		case m.LLM() && passthrough.Parallel(flag) != "":
			add(flag+" is KServe's to write: it makes the pods that go with it", "write "+passthrough.Parallel(flag)+" instead")
		case carriesName(m, v, "args."+flag):
			add(fmt.Sprintf("%.100q tells the runtime %s under which name to serve, which modelfn does", flag, runtime), "remove it")
		case want == "" && shipped && passthrough.Known("")[flag] != "":
			add(fmt.Sprintf("the server of %s does not take %s", runtime, flag), "remove it; "+these(known))
		case want == "":
			why, fix := unlisted("args."+flag, "arguments can make the server load another model than the verified one")
			add(fmt.Sprintf("%.100q is not on the allow-list: %s", flag, why), meant(flag, known)+fix+"; "+these(known))
		case !valued && want != passthrough.Switch && want != passthrough.Listed:
			add(fmt.Sprintf("%.100q: %s", arg, expected(flag, want)), "write "+joined(known, list, i)+" as one text")
		case !fits(want, value, valued):
			add(fmt.Sprintf("%.100q: %s", arg, expected(flag, want)), "correct the value")
		case seen[passthrough.Canonical(flag)] != "":
			add(fmt.Sprintf("%s is set twice (%s): one server takes the first, another the last", flag, seen[passthrough.Canonical(flag)]), "keep one of them")
		}
		seen[passthrough.Canonical(flag)] = flag
	}
	return out
}

// flags are those that a runtime's server takes, and whether KServe ships it.
func flags(m *model.Model, runtime string) (known map[string]passthrough.Value, shipped bool) {
	if _, shipped = m.Platform.KServe().Find(runtime); !shipped && !m.LLM() {
		return passthrough.Known(""), false
	}
	known = passthrough.Known(runtime)
	if m.LLM() {
		maps.DeleteFunc(known, func(flag string, _ passthrough.Value) bool { return passthrough.Parallel(flag) != "" })
	}
	return known, true
}

// joined is the argument at i and the value behind it as they belong together.
func joined(known map[string]passthrough.Value, list []string, i int) string {
	if i < 0 || known[list[i]] == "" || known[list[i]] == passthrough.Switch {
		return "--flag=value"
	}
	if i+1 < len(list) && list[i+1] != "" && known[list[i]].Takes(list[i+1]) {
		return list[i] + "=" + list[i+1]
	}
	return list[i] + "=value"
}

// meant asks for the known name that a typo was probably meant to be.
func meant[V any](name string, known map[string]V) string {
	return suggest.DidYouMean(name, slices.Sorted(maps.Keys(known)))
}

// carriesName tells whether a name would tell the version's server, one of the
// platform's own, under which name to serve. What carries it to KServe's nobody
// may set.
func carriesName(m *model.Model, v *model.Version, name string) bool {
	if m.LLM() || !m.OwnRuntime(v) {
		return false
	}
	told := m.Naming(v)
	return passthrough.Carries(name, told.Flag, told.Env)
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
