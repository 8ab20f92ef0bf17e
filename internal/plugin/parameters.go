package plugin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/suggest"
)

// What an Application may say. The list is short on purpose: whoever may write an
// Application, or .argocd-source.yaml in its repository, says these things, and
// nothing in them lets more through than without them.
const (
	Namespace   = "namespace"
	AllowCanary = "allowCanary"
)

// names are the parameters as spec.source.plugin.parameters has them, with the
// variables of spec.source.plugin.env that say the same.
var names = map[string]string{Namespace: "MODELFN_NAMESPACE", AllowCanary: "MODELFN_ALLOW_CANARY"}

// Argo CD gives a plugin the parameters as JSON, each once more as a variable of
// its own, and the variables of the Application behind a prefix.
const (
	startedVariable   = "ARGOCD_APP_NAME"
	parameterVariable = "ARGOCD_APP_PARAMETERS"
	parameterPrefix   = "PARAM_"
	variablePrefix    = "ARGOCD_ENV_"
	// ourPrefix is that of an Application's variables that are meant for modelfn.
	ourPrefix = variablePrefix + "MODELFN_"
)

// Started tells whether Argo CD started this process, by its environment.
func Started(environ []string) bool { return lookup(environ, startedVariable) != "" }

// Statement is one value that somebody gave a parameter.
type Statement struct {
	Name, Value string
	// By is where it stands, for people.
	By string
}

// Parameters is what the flags of the plugin's own command and the Application
// say. They may say a thing more than once, if they agree: what the platform team
// writes into plugin.yaml no Application changes. What is not known is refused, and
// so is what would choose a platform.
func Parameters(environ []string, flags ...Statement) (fn.Application, finding.List) {
	at := finding.Resource{Kind: "Application", Name: lookup(environ, startedVariable)}
	said, findings := statements(environ, at)
	said = append(slices.Clone(flags), said...)
	var out fn.Application
	for _, name := range []string{Namespace, AllowCanary} {
		value, more := agreed(name, said, at)
		findings = append(findings, more...)
		switch {
		case value == "": // Nobody said anything, or a user interface left it empty.
		case name == Namespace && !v1alpha1.IsNamespace(value):
			findings = append(findings, wrong(at, name, fmt.Sprintf("%q is not a namespace name", value), "use lower-case letters, digits and '-', at most 63"))
		case name == Namespace:
			out.Namespace = value
		case value != "true" && value != "false":
			findings = append(findings, wrong(at, name, fmt.Sprintf("%q is neither true nor false", value), "write true or false"))
		default:
			out.NoCanary = value == "false"
		}
	}
	return out, findings
}

// agreed is the one value of a parameter.
func agreed(name string, said []Statement, at finding.Resource) (string, finding.List) {
	var first Statement
	for _, s := range said {
		switch {
		case s.Name != name || s.Value == "":
		case first.By == "":
			first = s
		case first.Value != s.Value:
			return "", finding.List{wrong(at, name, fmt.Sprintf("%s says %q, and %s says %q", first.By, first.Value, s.By, s.Value), "say it once")}
		}
	}
	return first.Value, nil
}

// statements are the Application's.
func statements(environ []string, at finding.Resource) ([]Statement, finding.List) {
	out, findings := parameters(lookup(environ, parameterVariable), at)
	for _, variable := range environ {
		key, value, _ := strings.Cut(variable, "=")
		if name, ours := strings.CutPrefix(key, variablePrefix); ours {
			known := byVariable(name)
			switch {
			case known != "":
				out = append(out, Statement{known, value, "the variable " + name})
			case strings.HasPrefix(key, ourPrefix):
				findings = append(findings, unknown(at, name, slices.Collect(maps.Values(names))))
			}
		}
		// Argo CD makes these from the same parameters. One that says something else
		// came from elsewhere.
		for name := range names {
			if key == parameterPrefix+strings.ToUpper(name) {
				out = append(out, Statement{name, value, "the variable " + key})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Statement) int { return cmp.Compare(a.By, b.By) })
	return out, findings
}

// parameters reads spec.source.plugin.parameters; "null" and "" are none.
func parameters(raw string, at finding.Resource) ([]Statement, finding.List) {
	if raw == "" {
		return nil, nil
	}
	var list []struct {
		Name   string            `json:"name"`
		String *string           `json:"string"`
		Array  []string          `json:"array"`
		Map    map[string]string `json:"map"`
	}
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return nil, finding.List{wrong(at, "", fmt.Sprintf("%s cannot be read: %v", parameterVariable, err), "write spec.source.plugin.parameters as Argo CD documents it")}
	}
	var out []Statement
	var findings finding.List
	for _, p := range list {
		switch {
		case names[p.Name] == "":
			findings = append(findings, unknown(at, p.Name, slices.Collect(maps.Keys(names))))
		case p.Array != nil || p.Map != nil:
			findings = append(findings, wrong(at, p.Name, "a list or a map, where text is expected", "give it under string:"))
		case p.String != nil:
			out = append(out, Statement{p.Name, *p.String, "the parameter " + p.Name})
		}
	}
	return out, findings
}

func unknown(at finding.Resource, name string, known []string) finding.Finding {
	slices.Sort(known)
	message := fmt.Sprintf("modelfn knows no %q", name)
	if lower := strings.ToLower(name); strings.Contains(lower, "platform") || strings.Contains(lower, "trust") {
		message += ": an Application does not choose whom to trust"
	}
	return wrong(at, "", message, fmt.Sprintf("%suse %s, or leave it out", suggest.DidYouMean(name, known), strings.Join(known, " or ")))
}

func wrong(at finding.Resource, name, message, fix string) finding.Finding {
	if name != "" {
		message = name + ": " + message
	}
	out := finding.Finding{Rule: "application-parameter", Severity: finding.Error, Message: message, Fix: fix}
	if at.Name != "" { // else a flag says it
		out.Resource, out.Field = at, "spec.source.plugin"
	}
	return out
}

func byVariable(variable string) string {
	for name, v := range names {
		if v == variable {
			return name
		}
	}
	return ""
}

// lookup is the last value of a variable, which is what a process sees.
func lookup(environ []string, variable string) string {
	for _, v := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(v, variable+"="); ok {
			return value
		}
	}
	return ""
}
