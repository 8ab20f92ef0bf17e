package generators

import (
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// namings are the flags and variables by which servers are told under which name to serve; the rest of either
// must be the deployment's.
type namings struct{ flags, variables []string }

// allNamings are those of KServe's runtimes and of the platform's own. LLM
// inference services get the name from KServe.
func allNamings(p *model.Platform) namings {
	var out namings
	if p.Spec.Serving.Mode != v1alpha1.ModeStandard {
		return out
	}
	add := func(flag, variable string) {
		if flag != "" {
			out.flags = append(out.flags, flag)
		}
		if variable != "" {
			out.variables = append(out.variables, variable+"=")
		}
	}
	for _, r := range p.KServe().Runtimes() {
		add(r.Named.Flag, r.Named.Env)
	}
	for _, r := range p.Spec.Serving.Runtimes {
		add(r.ServedName.Flag, r.ServedName.Env)
	}
	slices.Sort(out.flags)
	slices.Sort(out.variables)
	return namings{slices.Compact(out.flags), slices.Compact(out.variables)}
}

// toldByName demands of variables.container, which loads the model, that its server
// is told nothing but what internal/passthrough lists or the platform allows, by
// name and by form: any other argument or variable could name another model.
func toldByName(p *model.Platform, args string, own namings) object.List {
	widened := passthrough.Widened(p.Spec.Serving.AllowPredictorFields)
	return object.List{
		validation("the model's server may be told only arguments that are listed, or that the platform allows (spec.serving.allowPredictorFields)",
			"variables.container.?args.orValue([]).all(a, "+oneOf(append(prefixed("a", own.flags), args, matchesAny("a", widenedForms(widened, "args.")))...)+")"),
		validation("the model's server may be told only variables that are listed, or that the platform allows (spec.serving.allowPredictorFields), and by their value",
			lines("variables.container.?env.orValue([]).all(e, "+onlyKeys("e", "name", "value"),
				"&& [e.name + '=' + e.?value.orValue('')].all(v, "+
					oneOf(append(prefixed("v", own.variables), "v == 'HF_HUB_OFFLINE=1'", matchesAny("v", forms(passthrough.Set())), matchesAny("v", widenedForms(widened, "env.")))...)+"))")),
		validation("the model's server may be probed by HTTP, TCP or gRPC at its own address, and by no command", probesShape),
	}
}

// probesShape: no command, and no other host than the pod's.
var probesShape = lines(
	"["+strings.Join(each(passthrough.Probes(), func(p string) string { return "variables.container.?" + p + ".orValue({})" }), ", ")+"].all(p,",
	onlyKeys("p", "failureThreshold", "grpc", "httpGet", "initialDelaySeconds", "periodSeconds", "successThreshold", "tcpSocket", "terminationGracePeriodSeconds", "timeoutSeconds"),
	"&& "+onlyKeys("p.?httpGet.orValue({})", "path", "port", "scheme"),
	"&& "+onlyKeys("p.?tcpSocket.orValue({})", "port")+")")

func each[T any](list []T, f func(T) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// llmArguments are those that vLLM takes.
func llmArguments() string { return matchesAny("a", forms(passthrough.Known(kserve.VLLM))) }

// serviceArguments are those that a shipped runtime's server takes. What another
// server could take for something else is for those runtimes only, by their name
// or by a format that only they load.
func serviceArguments(p *model.Platform) string {
	general := passthrough.Known("")
	checks := []string{matchesAny("a", forms(general))}
	for _, r := range p.KServe().Runtimes() {
		special := passthrough.Known(r.Name)
		maps.DeleteFunc(special, func(flag string, _ passthrough.Value) bool { return general[flag] != "" })
		if len(special) == 0 {
			continue
		}
		by := "variables.container.?runtime.orValue('') == " + celString(r.Name)
		if chosen := chosenFor(r); len(chosen) > 0 {
			by = "(" + by + " || variables.container.?runtime.orValue('') == '' && variables.container.?modelFormat.name.orValue('') in " + celList(chosen) + ")"
		}
		checks = append(checks, by+" && "+matchesAny("a", forms(special)))
	}
	return oneOf(checks...)
}

// chosenFor are the formats that KServe chooses the runtime for.
func chosenFor(r kserve.Runtime) []string {
	var out []string
	for _, format := range slices.Sorted(maps.Keys(r.Formats)) {
		if r.Formats[format] > 0 {
			out = append(out, format)
		}
	}
	return out
}

// forms are regular expressions of names with what each takes, one for each form.
func forms(names map[string]passthrough.Value) []string {
	by := map[passthrough.Value][]string{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		by[names[name]] = append(by[names[name]], name)
	}
	var out []string
	for _, v := range slices.Sorted(maps.Keys(by)) {
		expression := "^" + literally(by[v]...)
		if v != passthrough.Switch {
			expression += "=" + v.Form()
		}
		out = append(out, expression+"$")
	}
	return out
}

// widenedForms are those of what the platform allows besides; a flag may go without
// a value.
func widenedForms(w passthrough.Widened, kind string) []string {
	var names []string
	for _, name := range w {
		if rest, is := strings.CutPrefix(name, kind); is {
			names = append(names, rest)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	value := "=" + passthrough.Listed.Form()
	if kind == "args." {
		value = "(" + value + ")?"
	}
	return []string{"^" + literally(names...) + value + "$"}
}

func matchesAny(subject string, expressions []string) string {
	return oneOf(each(expressions, func(e string) string { return celMatches(subject, e) })...)
}

// prefixed are conditions that it is one of the beginnings with the deployment's
// name behind it.
func prefixed(subject string, beginnings []string) []string {
	return each(beginnings, func(b string) string {
		return subject + " == " + celString(b) + " + variables.deployment"
	})
}

// oneOf holds when one of the conditions does; of none, nothing does.
func oneOf(conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "false" })
	switch len(conditions) {
	case 0:
		return "false"
	case 1:
		return conditions[0]
	}
	return "(" + strings.Join(conditions, "\n|| ") + ")"
}
