package trust

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Policy is a platform's trust rules, compiled.
type Policy struct {
	rules []*Rule
	// use is what the artifacts that are judged are for.
	use Use
}

// Use is what an artifact is for: a verdict may depend on it.
type Use struct {
	// Deployment is the name of the ModelDeployment.
	Deployment string
	// Provenance is what that states; of several attestations one that agrees is
	// preferred.
	Provenance map[string]string
}

// Rule is one compiled trust rule.
type Rule struct {
	// Path of the rule in the platform: spec.trust[0].
	Path string
	// Authorities in the platform's order.
	Authorities []Authority
	// Threshold is the number of distinct signers required.
	Threshold int
	// UnsafeUnsigned lets in what has no signature.
	UnsafeUnsigned bool

	match          []string
	globs          []glob
	bindRepository bool
	binding        string
	attestations   []requirement
	// heard is what was verified before, by subject; nil remembers nothing.
	heard *sync.Map
}

// Compile parses globs, keys, identities, trusted roots and expressions; each
// error is by field path.
func Compile(spec v1alpha1.ModelPlatformSpec) (Policy, []v1alpha1.FieldError) {
	var p Policy
	var errs []v1alpha1.FieldError
	roots := rootCache{}
	fail := func(path string, err error) {
		errs = append(errs, v1alpha1.FieldError{Rule: v1alpha1.RuleInvalidField, Path: path, Message: err.Error(), Fix: "correct the platform"})
	}
	for i, tr := range spec.Trust {
		r := &Rule{
			Path: fmt.Sprintf("spec.trust[%d]", i),
			// A spec that nobody defaulted must not mean "no signature".
			Threshold:      max(1, tr.Threshold),
			UnsafeUnsigned: tr.UnsafeUnsigned && len(tr.Authorities) == 0,
			bindRepository: tr.RepositoryBinding != v1alpha1.RepositoryBindingIgnored,
			binding:        tr.Binding,
		}
		for j, text := range tr.Match {
			g, err := compileGlob(text)
			if err != nil {
				fail(fmt.Sprintf("%s.match[%d]", r.Path, j), err)
				continue
			}
			r.globs, r.match = append(r.globs, g), append(r.match, text)
		}
		for j, ta := range tr.Authorities {
			authority, path, err := compileAuthority(ta, roots)
			if err != nil {
				fail(fmt.Sprintf("%s.authorities[%d]%s", r.Path, j, path), err)
				continue
			}
			r.Authorities = append(r.Authorities, authority)
		}
		if n := distinct(tr); r.Threshold > n && len(errs) == 0 && len(tr.Authorities) > 0 {
			fail(r.Path+".threshold", fmt.Errorf("the authorities that may release are %d signers at most: some have the same key or identity", n))
		}
		if len(errs) == 0 { // authorities are found by their places
			for j, ta := range tr.Attestations {
				q, path, err := compileRequirement(ta, r.Authorities)
				if err != nil {
					errs = append(errs, v1alpha1.FieldError{
						Rule: v1alpha1.RuleInvalidField, Path: fmt.Sprintf("%s.attestations[%d]%s", r.Path, j, path), Message: err.Error(),
						Fix: "correct it; rules are CEL over one variable, predicate, and true or false",
					})
				}
				r.attestations = append(r.attestations, q)
			}
		}
		p.rules = append(p.rules, r)
	}
	return p, errs
}

// distinct is how many signers the releasing authorities can be at most: one key
// under two names is one.
func distinct(r v1alpha1.TrustRule) int {
	seen := map[string]bool{}
	for _, a := range r.Releasing() {
		switch {
		case a.Key != nil:
			k, err := parseKey(a.Key.PEM)
			if err == nil {
				seen["key "+k.id] = true
			}
		case a.Keyless != nil && a.Keyless.Subject != "":
			seen["keyless "+a.Keyless.Issuer+" "+a.Keyless.Subject] = true
		default:
			seen["name "+a.Name] = true
		}
	}
	return len(seen)
}

// For is the policy as it judges what is for one use. Without, nothing satisfies
// a rule that wants signatures to name the deployment.
func (p Policy) For(use Use) Policy {
	p.use = use
	return p
}

// Regards is what of a use a verdict may depend on.
func (p Policy) Regards(use Use) Use {
	var out Use
	for _, r := range p.rules {
		if r.binding == v1alpha1.BindingName {
			out.Deployment = use.Deployment
		}
		if slices.ContainsFunc(r.attestations, func(q requirement) bool { return len(q.provenance) > 0 }) {
			out.Provenance = use.Provenance
		}
	}
	return out
}

// Attested tells whether the rule requires attestations.
func (r *Rule) Attested() bool { return len(r.attestations) > 0 }

// Rules are all of them, in their order.
func (p Policy) Rules() []*Rule { return slices.Clone(p.rules) }

// Match are the globs as the platform writes them.
func (r *Rule) Match() []string { return slices.Clone(r.match) }

// Patterns are what the rule matches.
func (r *Rule) Patterns() []Pattern {
	var out []Pattern
	for _, g := range r.globs {
		out = append(out, g.export())
	}
	return out
}

// Rule is the first rule that matches a reference's location, or nil.
func (p Policy) Rule(location string) *Rule {
	for _, r := range p.rules {
		for _, g := range r.globs {
			if g.match(location) {
				return r
			}
		}
	}
	return nil
}

// ErrNoRule says that no trust rule matches where an artifact is.
var ErrNoRule = errors.New("no trust rule of the platform matches")
