// Package finding is how modelfn talks to users: a Finding names the rule, the
// resource, file and field, what was expected and found, and what to do. Errors
// are for us, findings are for them.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity orders findings; an Error refuses the render.
type Severity string

const (
	// Error refuses the render.
	Error Severity = "error"
	// Warning is for people only.
	Warning Severity = "warning"
)

// Resource is the object a finding is about.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
	// File is relative to the rendered directory, or to where a command was
	// started; Index is the document in it.
	File  string
	Index int
}

func (r Resource) String() string {
	name := r.Name
	if r.Namespace != "" {
		name = r.Namespace + "/" + r.Name
	}
	return strings.TrimSpace(r.Kind + " " + name)
}

// Finding is one thing a user has to know.
type Finding struct {
	// Rule is a stable name, such as untrusted-model.
	Rule     string
	Severity Severity
	Resource Resource
	// Dir is the directory that was looked at, where it does not show in the
	// file: an overlay, say, that reads the file of a base.
	Dir string
	// Field is a path such as spec.model.
	Field string
	// Message says what was expected and what was found.
	Message string
	// Fix says what to do, a command where there is one.
	Fix string
	// Unknown marks what could not be found out (a registry that does not
	// answer) in contrast to what is known to be wrong; a retry may help.
	Unknown bool
}

// String is the finding on one line, without anything that a terminal or a CI
// system would take for a command.
func (f Finding) String() string {
	return Neutralise(fmt.Sprintf("%s: %s: %s", f.Severity, f.Rule, f.Text()))
}

// Text is the finding without its rule, as it came, if not longer than a page.
func (f Finding) Text() string {
	var b strings.Builder
	b.WriteString(f.Resource.String())
	switch {
	case f.Resource.File != "" && f.Dir != "":
		fmt.Fprintf(&b, " (%s, for %s)", f.Resource.File, f.Dir)
	case f.Resource.File != "":
		fmt.Fprintf(&b, " (%s)", f.Resource.File)
	case f.Dir != "":
		fmt.Fprintf(&b, " (for %s)", f.Dir)
	}
	if f.Field != "" {
		fmt.Fprintf(&b, " %s:", f.Field)
	}
	fmt.Fprintf(&b, " %s", Brief(f.Message))
	if f.Fix != "" {
		fmt.Fprintf(&b, "; fix: %s", f.Fix)
	}
	return strings.TrimPrefix(b.String(), " ")
}

// List is findings in the order they were made.
type List []Finding

// Exit codes of the command line, and of the function.
const (
	ExitOK      = 0
	ExitRefused = 1
	ExitUsage   = 2
	ExitUnknown = 3
)

// ExitCode is ExitOK without errors, ExitUnknown when every error is one that
// a retry may heal, and ExitRefused otherwise.
func (l List) ExitCode() int {
	code := ExitOK
	for _, f := range l {
		switch {
		case f.Severity != Error:
		case !f.Unknown:
			return ExitRefused
		default:
			code = ExitUnknown
		}
	}
	return code
}

// Refused tells whether any finding is an error.
func (l List) Refused() bool { return l.ExitCode() != ExitOK }

// Sorted is the list by severity, resource, rule and field, without repeats: the
// same whatever order the work was done in, and what refuses first. Some hosts show
// the first lines only.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Resource.Namespace, b.Resource.Namespace),
			cmp.Compare(a.Resource.Name, b.Resource.Name),
			cmp.Compare(a.Resource.Kind, b.Resource.Kind),
			cmp.Compare(a.Resource.File, b.Resource.File),
			cmp.Compare(a.Dir, b.Dir),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(out)
}
