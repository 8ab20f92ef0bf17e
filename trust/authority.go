package trust

import (
	"fmt"
	"time"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// Authority is a compiled authority: a key, or an identity that a certificate
// names.
type Authority struct {
	Name string

	key      *key
	identity *identity
	// root says which logs and certificate authorities are believed; nil asks
	// nobody when it was signed, which only a key can do.
	root *trustedRoot

	attestsOnly         bool
	revoked             map[artifact.Digest]bool
	notBefore, notAfter time.Time
}

// Certified tells whether the authority is an identity in a certificate, by
// Sigstore or by an authority of one's own.
func (a Authority) Certified() bool { return a.identity != nil }

// Logged tells whether somebody else must say when it signed: a transparency log,
// or a timestamp authority in its place.
func (a Authority) Logged() bool { return a.root != nil }

// KeyID is the SHA-256 of the key's SubjectPublicKeyInfo, in hex; "" for an
// identity, which has no key of its own.
func (a Authority) KeyID() string {
	if a.key == nil {
		return ""
	}
	return a.key.id
}

// PEM is the authority's public key in its canonical encoding, "" for an
// identity.
func (a Authority) PEM() string {
	if a.key == nil {
		return ""
	}
	return a.key.canonical
}

// compileAuthority parses an authority. The error's path is below the
// authority's own.
func compileAuthority(spec v1alpha1.Authority, roots rootCache) (a Authority, path string, err error) {
	a = Authority{Name: spec.Name, attestsOnly: spec.AttestationsOnly}
	switch {
	case spec.Key != nil && spec.Keyless == nil && spec.X509 == nil:
		k, err := parseKey(spec.Key.PEM)
		if err != nil {
			return a, ".key.pem", err
		}
		a.key = &k
	case spec.Keyless != nil && spec.Key == nil && spec.X509 == nil:
		if a.identity, err = compileIdentity(*spec.Keyless); err != nil {
			return a, ".keyless", err
		}
	case spec.X509 != nil && spec.Key == nil && spec.Keyless == nil:
		if a.identity, a.root, path, err = compileX509(spec, roots); err != nil {
			return a, path, err
		}
	default:
		return a, "", fmt.Errorf("an authority is a key, a keyless identity, or a subject of an x509 authority")
	}
	if a.root == nil && (a.Certified() || spec.Tlog == v1alpha1.TlogRequired) {
		if a.root, err = roots.parse(spec.TrustedRoot, a.Certified()); err != nil {
			return a, ".trustedRoot", err
		}
	}
	a.revoked = map[artifact.Digest]bool{}
	for _, digest := range spec.Revoked {
		a.revoked[artifact.Digest(digest)] = true
	}
	if a.notBefore, err = limit(spec.NotBefore, a.root); err != nil {
		return a, ".notBefore", err
	}
	if a.notAfter, err = limit(spec.NotAfter, a.root); err != nil {
		return a, ".notAfter", err
	}
	return a, "", nil
}

// limit reads a bound of a window; one that no log could ever judge is an error.
func limit(text string, root *trustedRoot) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if root == nil {
		return time.Time{}, fmt.Errorf("without a log nothing says when a key signed")
	}
	return time.Parse(time.RFC3339, text)
}

// accepts judges what verified evidence shows: whether it is this authority's,
// and whether the authority still stands by it. An artifact that holds others
// has the digests of all of them.
func (a Authority) accepts(digests []artifact.Digest, p proof) error {
	if a.identity != nil {
		if err := a.identity.match(p); err != nil {
			return err
		}
	}
	if p.void != nil {
		return p.void
	}
	for _, digest := range digests {
		if a.revoked[digest] {
			return fmt.Errorf("%s has revoked %s", a.Name, digest)
		}
	}
	for _, t := range p.times {
		if !a.notBefore.IsZero() && t.Before(a.notBefore) || !a.notAfter.IsZero() && t.After(a.notAfter) {
			return fmt.Errorf("%s signed at %s, when it was no authority", a.Name, t.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
