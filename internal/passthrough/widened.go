package passthrough

import (
	"slices"
	"strings"
)

const (
	argument    = "args."
	environment = "env."
)

// Widened is what a platform allows besides the tables, by name: a field
// (shareProcessNamespace), a flag (args.--my-flag) or a variable (env.MY_VAR).
type Widened []string

// Fields are the fields among the names.
func (w Widened) Fields() []string {
	return slices.DeleteFunc(slices.Clone(w), func(name string) bool { return strings.Contains(name, ".") })
}

// Flag tells whether the flag is allowed, in this very spelling.
func (w Widened) Flag(flag string) bool { return slices.Contains(w, argument+flag) }

// Variable tells whether the variable is allowed.
func (w Widened) Variable(name string) bool { return slices.Contains(w, environment+name) }

// Refused says why a platform may not allow a name, and what to do instead;
// nothing where it may.
func Refused(name string) (why, fix string) {
	const remove = "remove it"
	flag, isFlag := strings.CutPrefix(name, argument)
	variable, isVariable := strings.CutPrefix(name, environment)
	switch {
	case isFlag && !flagName.MatchString(flag):
		return "it is no flag", "write args.--the-flag, without a value"
	case isFlag:
		return neverFlag(flag), remove
	case isVariable && !variableName.MatchString(variable):
		return "it is no variable", "write env.THE_VARIABLE, without a value"
	case isVariable && Set()[variable] != "":
		return "", ""
	case isVariable:
		return neverVariable(variable), remove
	case slices.Contains(Fields(), name) || slices.Contains(Widenable(), name):
		return "", ""
	}
	if why := neverField(name); why != "" {
		return why, remove
	}
	return "KServe's predictor has no such field that could be allowed", "use one of " + strings.Join(Widenable(), ", ") + "; args.--the-flag; env.THE_VARIABLE"
}

// Carries tells whether a server could take the name for what tells it under which
// name to serve: the flag, in any spelling or beginning that is taken for it, or
// the variable.
func Carries(name, flag, variable string) bool {
	if told, isFlag := strings.CutPrefix(name, argument); isFlag {
		return flag != "" && strings.HasPrefix(Canonical(strings.TrimSuffix(flag, "=")), Canonical(told))
	}
	told, isVariable := strings.CutPrefix(name, environment)
	return isVariable && variable != "" && strings.EqualFold(told, variable)
}
