package trust

import (
	"errors"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Policy is a platform's trust rules, compiled.
type Policy struct{ rules []*Rule }

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
}

// Compile parses globs, keys, identities and trusted roots; each error is by
// field path. What this version cannot verify yet is not an error here:
// validators.SupportedPlatform refuses it.
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
		p.rules = append(p.rules, r)
	}
	return p, errs
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
