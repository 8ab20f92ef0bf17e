package trust

import (
	"errors"
	"fmt"

	"github.com/modelfn/modelfn/artifact"
)

// claim is one piece of evidence, parsed and not believed.
type claim interface {
	// byKey verifies it with a key, and with a trusted root wants it logged.
	byKey(k key, r *trustedRoot) (proof, error)
	// byCertificate verifies that it was signed under a certificate.
	byCertificate(r *trustedRoot) (proof, error)
}

// vote is an authority, by its place in the rule, and who signed for it.
type vote struct {
	authority int
	signer    signer
	format    Format
}

// repeats tells whether another vote says the same of the same party.
func (v vote) repeats(other vote) bool {
	return v.authority == other.authority && v.format == other.format && v.signer.same(other.signer)
}

// check verifies one piece of evidence, and yields whom it speaks for; the error
// says why it proves nothing.
func (r *Rule) check(a artifact.Artifact, e artifact.Evidence) (votes []vote, err error) {
	defer func() {
		if p := recover(); p != nil {
			votes, err = nil, unreadable(p)
		}
	}()
	switch {
	case e.MediaType == artifact.TypeLegacy:
		c, err := r.readLegacy(a, e)
		if err == nil {
			votes, err = ask(r.Authorities, a.Digest(), c, Legacy)
		}
		// One line for all the keys that did not make it.
		if errors.Is(err, errOtherKey) {
			err = fmt.Errorf("made by no authority of %s", r.Path)
		}
		return votes, wrap("legacy signature", err)
	case isModelSignature(e):
		votes, err := r.checkModelSignature(a, e)
		return votes, wrap("model signature", err)
	case e.IsBundle():
		c, err := readBundle(a, e)
		if err == nil {
			votes, err = ask(r.Authorities, a.Digest(), c, Bundle)
		}
		return votes, wrap("bundle", err)
	default:
		return nil, fmt.Errorf("evidence of type %q is not supported", e.MediaType)
	}
}

// unreadable is a decoder's panic as a refusal. Who can push can attach anything,
// and it goes through many decoders: one that gives up must not take down the
// other models of a run.
func unreadable(p any) error { return fmt.Errorf("evidence cannot be read: %v", p) }

// ask asks each authority whether the claim is its own.
func ask(authorities []Authority, digest artifact.Digest, c claim, format Format) ([]vote, error) {
	var votes []vote
	var reason error
	certified := map[*trustedRoot]verified{} // once for all who share a root
	for i, authority := range authorities {
		var p proof
		var err error
		if authority.key != nil {
			p, err = c.byKey(*authority.key, authority.root)
		} else {
			v, known := certified[authority.root]
			if !known {
				v.proof, v.err = c.byCertificate(authority.root)
				certified[authority.root] = v
			}
			p, err = v.proof, v.err
		}
		if err == nil {
			err = authority.accepts(digest, p)
		}
		switch {
		case err == nil:
			votes = append(votes, vote{i, p.signer, format})
		case reason == nil || weight(err) > weight(reason):
			reason = err
		}
	}
	if len(votes) == 0 {
		return nil, reason
	}
	return votes, nil
}

// weight orders reasons: what an authority did sign says more than who else
// signed, and that more than what does not hold at all.
func weight(err error) int {
	switch {
	case errors.Is(err, errOtherKey):
		return 0
	case errors.Is(err, errUnverified):
		return 1
	case errors.Is(err, errStranger):
		return 2
	default:
		return 3
	}
}

// verified is what became of a claim.
type verified struct {
	proof proof
	err   error
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
