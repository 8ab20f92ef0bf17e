package trust

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/artifact"
)

// vote is an authority, by its place in the rule, that releases the artifact,
// and who signed for it.
type vote struct {
	authority int
	signer    signer
	format    Format
	hash      Hash
}

// repeats tells whether another vote says the same of the same party.
func (v vote) repeats(other vote) bool {
	return v.authority == other.authority && v.format == other.format && v.signer.same(other.signer)
}

// release counts who released the artifact: the signers, the evidence that
// proved it, and why the rest of what means to be a signature does not.
func (r *Rule) release(a artifact.Artifact, use Use, found []testimony) (signers []Signer, counted []int, reasons []reason) {
	var votes []vote
	for _, t := range found {
		more, why := r.votes(a, use, t)
		if len(more) == 0 && !r.requires(t.claimed) {
			reasons = append(reasons, why)
		}
		// Whoever can push can attach a signature once more, in other bytes: one
		// piece for each signer is kept.
		if slices.ContainsFunc(more, func(v vote) bool { return !slices.ContainsFunc(votes, v.repeats) }) {
			counted = append(counted, t.index)
		}
		votes = append(votes, more...)
	}
	return elect(r.Authorities, votes), counted, reasons
}

// votes are the authorities for whom a testimony releases the artifact, or why
// there is none.
func (r *Rule) votes(a artifact.Artifact, use Use, t testimony) ([]vote, reason) {
	var votes []vote
	var why error
	for i, o := range t.outcomes {
		err := o.err
		if err == nil {
			err = r.releases(r.Authorities[i], a, use, o.proof.says)
		}
		switch {
		case err == nil:
			votes = append(votes, vote{i, o.proof.signer, t.format, o.proof.hash})
		case why == nil || weight(err) > weight(why):
			why = err
		}
	}
	if len(votes) > 0 {
		return votes, reason{}
	}
	text, weight := why.Error(), weight(why)
	switch {
	case t.attests():
		// What it is by its own account says more than who did not make it.
		text = notSigned(t.claimed).Error()
	case weight == otherKey:
		// One line for all the keys that did not make it.
		text = "made by no authority of " + r.Path
	}
	return nil, reason{weight, oneLine(t.noun() + ": " + text)}
}

// releases says why what an authority signed does not release the artifact.
func (r *Rule) releases(by Authority, a artifact.Artifact, use Use, says statement) error {
	switch {
	case !says.releases:
		return notSigned(says.predicateType)
	case by.attestsOnly:
		return fmt.Errorf("%s may attest, and releases no model by its signature", by.Name)
	}
	return r.binds(a, use, says)
}

func notSigned(predicateType string) error {
	return fmt.Errorf("an attestation of type %q is no signature", predicateType)
}

// requires tells whether the rule asks for attestations of a type.
func (r *Rule) requires(predicateType string) bool {
	return slices.ContainsFunc(r.attestations, func(q requirement) bool { return q.predicateType == predicateType })
}
