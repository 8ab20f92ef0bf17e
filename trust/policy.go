package trust

import (
	"errors"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Policy is a platform's trust rules, compiled.
type Policy struct {
	rules []*Rule
	// deployment is whose models are judged, for rules that bind to its name.
	deployment string
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

	globs          []glob
	bindRepository bool
	binding        string
	attestations   []requirement
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
			r.globs = append(r.globs, g)
		}
		for j, ta := range tr.Authorities {
			authority, path, err := compileAuthority(ta, roots)
			if err != nil {
				fail(fmt.Sprintf("%s.authorities[%d]%s", r.Path, j, path), err)
				continue
			}
			r.Authorities = append(r.Authorities, authority)
		}
		if len(errs) == 0 { // authorities are found by their places
			for j, ta := range tr.Attestations {
				q, path, err := compileRequirement(ta, r.Authorities)
				if err != nil {
					fail(fmt.Sprintf("%s.attestations[%d]%s", r.Path, j, path), err)
				}
				r.attestations = append(r.attestations, q)
			}
		}
		p.rules = append(p.rules, r)
	}
	return p, errs
}

// For is the policy as it judges the models of one ModelDeployment. Without,
// nothing satisfies a rule that wants signatures to name the deployment.
func (p Policy) For(deployment string) Policy {
	p.deployment = deployment
	return p
}

// BindsNames tells whether a verdict may depend on the deployment's name.
func (p Policy) BindsNames() bool {
	return slices.ContainsFunc(p.rules, func(r *Rule) bool { return r.binding == v1alpha1.BindingName })
}

// Attested tells whether the rule requires attestations.
func (r *Rule) Attested() bool { return len(r.attestations) > 0 }

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
