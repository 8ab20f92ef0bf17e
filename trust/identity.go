package trust

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// identity is whom a certificate must be made out to.
type identity struct {
	issuer, subject  string
	pattern          *regexp.Regexp // instead of subject
	sourceRepository string
}

// compileIdentity is strict on its own: a spec that nobody validated must not
// mean "anybody".
func compileIdentity(spec v1alpha1.Keyless) (*identity, error) {
	i := &identity{issuer: spec.Issuer, subject: spec.Subject, sourceRepository: spec.SourceRepository}
	if spec.Issuer == "" || (spec.Subject == "") == (spec.SubjectRegExp == "") {
		return nil, fmt.Errorf("an identity is an issuer and one of subject and subjectRegExp")
	}
	if spec.SubjectRegExp == "" {
		return i, nil
	}
	// By itself first: a text like "a)|(b" would close our group.
	if _, err := regexp.Compile(spec.SubjectRegExp); err != nil {
		return nil, fmt.Errorf("subjectRegExp: %w", err)
	}
	// Unanchored, https://github.com/acme/ is found in
	// https://evil.example/?https://github.com/acme/ too.
	pattern, err := regexp.Compile(`^(?:` + spec.SubjectRegExp + `)$`)
	if err != nil {
		return nil, fmt.Errorf("subjectRegExp: %w", err)
	}
	i.pattern = pattern
	return i, nil
}

// errStranger: the evidence holds, and is somebody else's.
var errStranger = errors.New("its signer is no authority")

// match compares with what a certificate says; a proof without one has no
// issuer.
func (i identity) match(p proof) error {
	switch {
	case p.signer.issuer != i.issuer:
		return fmt.Errorf("%w: certified by issuer %q, not %q", errStranger, p.signer.issuer, i.issuer)
	case i.pattern != nil && !i.pattern.MatchString(p.signer.subject):
		return fmt.Errorf("%w: subject %q does not match %q", errStranger, p.signer.subject, i.pattern)
	case i.pattern == nil && p.signer.subject != i.subject:
		return fmt.Errorf("%w: subject %q is not %q", errStranger, p.signer.subject, i.subject)
	case i.sourceRepository != "" && p.sourceRepository != i.sourceRepository:
		return fmt.Errorf("%w: %q signed for the repository %q, not %q", errStranger, p.signer.subject, p.sourceRepository, i.sourceRepository)
	}
	return nil
}
