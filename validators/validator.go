// Package validators holds what must be true of a Model before anything is
// generated from it: one file per rule, each of which returns findings.
package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// Validator checks one rule.
type Validator interface {
	Validate(m *model.Model) finding.List
}

// Func is a function as a Validator.
type Func func(m *model.Model) finding.List

// Validate calls the function.
func (f Func) Validate(m *model.Model) finding.List { return f(m) }

// All are the rules, in the order they report.
func All() []Validator {
	return []Validator{
		Func(supported),
		Func(pinned),
		Func(trusted),
		Func(unsigned),
		Func(images),
		Func(scheme),
		Func(servable),
		Func(format),
		Func(canary),
		Func(canaryProtocol),
		Func(mode),
		Func(match),
		Func(route),
		Func(llm),
		Func(kserveVersion),
		Func(runtime),
		Func(servedName),
		Func(grpc),
		Func(provenance),
		Func(passed),
		Func(autoscaling),
		Func(admission),
	}
}

// Run applies every rule to the model.
func Run(m *model.Model) finding.List {
	var out finding.List
	for _, v := range All() {
		out = append(out, v.Validate(m)...)
	}
	return out
}

// Needs warns of what a cluster must have for what is rendered, and nothing here
// can see.
func Needs(m *model.Model) finding.List { return firstCanary(m) }

// Refusal says why a part of the model is not trusted.
func Refusal(m *model.Model, part model.Part) finding.Finding {
	switch part := part.(type) {
	case *model.Image:
		return imageFinding(m, part)
	case *model.Version:
		if part.Err == nil {
			return TrustFinding(m.Resource, *part, m.Platform)
		}
		return PinFinding(m.Resource, *part)
	}
	panic(fmt.Sprintf("validators: %T is no part of a model", part)) // there are two kinds
}

func refuse(m *model.Model, rule, field, message, fix string) finding.Finding {
	return finding.Finding{
		Rule: rule, Severity: finding.Error, Resource: m.Resource,
		Field: field, Message: message, Fix: fix,
	}
}

func warn(m *model.Model, rule, field, message, fix string) finding.Finding {
	f := refuse(m, rule, field, message, fix)
	f.Severity = finding.Warning
	return f
}
