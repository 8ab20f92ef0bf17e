package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/cel"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/pattern"
)

// requirement is an attestation that a rule wants, compiled.
type requirement struct {
	predicateType string
	// authorities are the places of those who may make it in the rule's list.
	authorities []int
	names       []string
	rules       []expression
	// provenance are what a deployment's provenance must be, by its keys.
	provenance map[string]expression
}

// Attestation is what became of one that the rule requires.
type Attestation struct {
	PredicateType string
	// Signer made it; the zero Signer where none holds.
	Signer Signer
	// Holds tells whether there is one that counts, and Reason why not. Failed tells
	// that there are some of the type, none of which counts.
	Holds, Failed bool
	Reason        string
	// Provenance is what it says a deployment's provenance must be, by keys.
	Provenance map[string]string
	// Conditions are the rules that it satisfies, and what it says of provenance.
	Conditions []Condition

	counted int // index of the evidence
}

// Condition is an expression over the predicate by which an attestation counts.
type Condition struct {
	// Expression is CEL, in the platform's words.
	Expression string
	// Key is the provenance that the expression is, and Value what it says; of a
	// rule, which is true, both are empty.
	Key, Value string
	// Stays says why Kyverno would not evaluate it to the same; nil if it does.
	Stays error
}

// Enforceable tells whether an admission engine can check by itself that there is
// such an attestation.
func (a Attestation) Enforceable() bool {
	return a.Holds && a.Signer.Keyed() && a.Signer.Format == Bundle
}

// EnforceableLegacy is the same of an engine that knows cosign's older format only.
func (a Attestation) EnforceableLegacy() bool {
	return a.Holds && a.Signer.Keyed() && a.Signer.Format == Legacy
}

// compileRequirement compiles expressions, and finds authorities by their names.
// The error's path is below the requirement's own.
func compileRequirement(spec v1alpha1.AttestationRule, authorities []Authority) (q requirement, path string, err error) {
	q = requirement{predicateType: spec.PredicateType, names: spec.Authorities, provenance: map[string]expression{}}
	for i, name := range spec.Authorities {
		at := slices.IndexFunc(authorities, func(a Authority) bool { return a.Name == name })
		if at < 0 {
			return q, fmt.Sprintf(".authorities[%d]", i), fmt.Errorf("%q is no authority of the rule", name)
		}
		q.authorities = append(q.authorities, at)
	}
	for i, text := range spec.Rules {
		e, err := compileExpression(text, cel.BoolType)
		if err != nil {
			return q, fmt.Sprintf(".rules[%d]", i), err
		}
		q.rules = append(q.rules, e)
	}
	for _, key := range slices.Sorted(maps.Keys(spec.Provenance)) {
		e, err := compileExpression(spec.Provenance[key], cel.StringType)
		if err != nil {
			return q, ".provenance." + key, err
		}
		q.provenance[key] = e
	}
	return q, "", nil
}

// judge looks for a piece of evidence that satisfies the requirement: made by one
// of its authorities, of its type, and with every rule true. One is enough; of
// several, one that agrees with the provenance that is stated. What could not be
// read is a reason where there is no other.
func (q requirement) judge(r *Rule, use Use, found []testimony, unheard []reason, left *effort) Attestation {
	out := Attestation{PredicateType: q.predicateType}
	var reasons []reason
	for _, t := range found {
		if t.claimed != q.predicateType {
			continue
		}
		next, err := q.hear(r, t, left)
		switch {
		case err != nil:
			reasons = append(reasons, reasonOf(err))
		case !out.Holds || next.better(out, use):
			out = next
		}
	}
	if out.Holds {
		return out
	}
	out.Failed = len(reasons) > 0
	out.Reason = q.missing(reasons, found, unheard)
	return out
}

// missing says that none counts, and why.
func (q requirement) missing(reasons []reason, found []testimony, unheard []reason) string {
	wanted := fmt.Sprintf("attestation of type %s by %s", q.predicateType, strings.Join(q.names, " or "))
	// Of somebody's else it is no surprise that it does not count.
	own := slices.DeleteFunc(slices.Clone(reasons), func(r reason) bool { return r.weight < decided })
	if len(own) > 0 {
		reasons = own
	}
	if len(reasons) > 0 {
		return "no " + wanted + " counts: " + joinReasons(reasons)
	}
	text := "there is no " + wanted
	var others []reason
	for _, t := range found {
		if t.attests() {
			others = append(others, reason{text: oneLine(t.claimed)})
		}
	}
	switch {
	case len(others) > 0:
		return text + ", only of other types: " + joinReasons(others)
	case len(unheard) > 0:
		return text + ": " + joinReasons(unheard)
	}
	return text
}

// hear judges one piece of evidence of the type.
func (q requirement) hear(r *Rule, t testimony, left *effort) (Attestation, error) {
	var why error
	for _, i := range q.authorities {
		p, err := t.outcomes[i].proof, t.outcomes[i].err
		var provenance map[string]string
		if err == nil {
			provenance, err = q.satisfied(p, left)
		}
		if err == nil {
			return Attestation{
				PredicateType: q.predicateType, Signer: Signer{r.Authorities[i], t.format, p.hash}, Holds: true,
				Provenance: provenance, Conditions: q.conditions(p.says.payload, provenance), counted: t.index,
			}, nil
		}
		if why == nil || weight(err) > weight(why) {
			why = err
			if weight(err) == decided {
				why = fmt.Errorf("%w (%s)", err, origin(r.Authorities[i], p, t))
			}
		}
	}
	if weight(why) < decided {
		for i, o := range t.outcomes {
			if o.err == nil && !slices.Contains(q.authorities, i) {
				return Attestation{}, fmt.Errorf("%s made it, who is not listed for it", r.Authorities[i].Name)
			}
		}
	}
	return Attestation{}, why
}

// better tells whether one that counts is to be preferred to another: it agrees
// with what is stated, or an admission engine can check it.
func (a Attestation) better(other Attestation, use Use) bool {
	if agrees := a.agrees(use.Provenance); agrees != other.agrees(use.Provenance) {
		return agrees
	}
	return a.Enforceable() && !other.Enforceable()
}

// conditions are what an attestation satisfies.
func (q requirement) conditions(payload []byte, provenance map[string]string) []Condition {
	var out []Condition
	for _, e := range q.rules {
		out = append(out, Condition{Expression: e.text, Stays: e.stays})
	}
	for _, key := range slices.Sorted(maps.Keys(q.provenance)) {
		e := q.provenance[key]
		out = append(out, Condition{Expression: e.text, Key: key, Value: provenance[key], Stays: e.stays})
	}
	if len(out) > 0 && wide(payload) {
		for i := range out {
			out[i].Stays = errWide
		}
	}
	return out
}

// agrees tells whether nothing that is stated is contradicted.
func (a Attestation) agrees(stated map[string]string) bool {
	for key, value := range a.Provenance {
		if stated[key] != "" && stated[key] != value {
			return false
		}
	}
	return true
}

// satisfied says why a proof does not satisfy the requirement, or what it says
// of provenance.
func (q requirement) satisfied(p proof, left *effort) (map[string]string, error) {
	if got := p.says.predicateType; got != q.predicateType {
		return nil, fmt.Errorf("it is an attestation of type %q", got)
	}
	if len(q.rules)+len(q.provenance) == 0 {
		return map[string]string{}, nil
	}
	said, err := left.decode(p.says.payload)
	if err != nil {
		return nil, err
	}
	for _, rule := range q.rules {
		if err := rule.holds(said, left); err != nil {
			return nil, err
		}
	}
	out := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(q.provenance)) {
		e := q.provenance[key]
		value, err := e.evaluate(said, left)
		if err != nil {
			return nil, fmt.Errorf("provenance %s: %q: %w", key, e.text, err)
		}
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("provenance %s: %q is %s, not a text%s", key, e.text, shown(value), helpWith(value))
		}
		if exponent.MatchString(text) {
			return nil, fmt.Errorf("provenance %s: %q is %s, a large number: write string(int(...)) for all its digits", key, e.text, text)
		}
		out[key] = text
	}
	return out, nil
}

// exponent is how a large double reads as a text.
var exponent = pattern.New(`^-?[0-9](\.[0-9]+)?e\+[0-9]+$`)

// helpWith says how a number becomes a text.
func helpWith(value any) string {
	switch value.(type) {
	case float64:
		return ": write string(int(...)) for a whole number, and string(...) for another"
	case int64, uint64:
		return ": write string(...)"
	}
	return ""
}

// origin says whose words a predicate is, for who has to ask him.
func origin(a Authority, p proof, t testimony) string {
	out := fmt.Sprintf("attested by %s", a.Name)
	if p.signer.subject != "" {
		out += ", " + p.signer.subject
	}
	if len(p.times) > 0 {
		out += ", " + p.times[0].UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%s, in evidence %s", out, t.digest)
}
