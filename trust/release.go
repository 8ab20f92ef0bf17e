package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
)

// vote is an authority, by its place in the rule, that releases the artifact,
// and who signed for it.
type vote struct {
	authority int
	signer    signer
	format    Format
}

// repeats tells whether another vote says the same of the same party.
func (v vote) repeats(other vote) bool {
	return v.authority == other.authority && v.format == other.format && v.signer.same(other.signer)
}

// release counts who released the artifact: the signers, the evidence that
// proved it, and why the rest of what means to be a signature does not.
func (r *Rule) release(a artifact.Artifact, use Use, found []testimony) (signers []Signer, counted []int, reasons []string) {
	var votes []vote
	for _, t := range found {
		more, err := r.votes(a, use, t)
		if err != nil {
			if !r.requires(t.claimed) {
				reasons = append(reasons, explain(err))
			}
			continue
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

// votes are the authorities for whom a testimony releases the artifact; the error
// says why there is none.
func (r *Rule) votes(a artifact.Artifact, use Use, t testimony) ([]vote, error) {
	var votes []vote
	var reason error
	for i, o := range t.outcomes {
		err := o.err
		if err == nil {
			err = r.releases(r.Authorities[i], a, use, o.proof.says)
		}
		switch {
		case err == nil:
			votes = append(votes, vote{i, o.proof.signer, t.format})
		case reason == nil || weight(err) > weight(reason):
			reason = err
		}
	}
	if len(votes) > 0 {
		return votes, nil
	}
	// What it is by its own account says more than who did not make it.
	if t.attests() {
		reason = notSigned(t.claimed)
	}
	// One line for all the keys that did not make it.
	if errors.Is(reason, errOtherKey) {
		reason = fmt.Errorf("made by no authority of %s", r.Path)
	}
	return nil, fmt.Errorf("%s: %w", t.noun(), reason)
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

// maxReasons bounds how many candidates a refusal explains.
const maxReasons = 5

// joinReasons lists reasons once each, in an order that does not depend on the
// evidence's.
func joinReasons(reasons []string) string {
	reasons = slices.Compact(slices.Sorted(slices.Values(reasons)))
	if len(reasons) > maxReasons {
		reasons = append(reasons[:maxReasons], "...")
	}
	return strings.Join(reasons, "; ")
}

// maxReason bounds one reason: libraries put what they read into their errors.
const maxReason = 500

// jargon is what sigstore-go says of the two most common faults, in words that do
// not mean something else here.
var jargon = strings.NewReplacer(
	": %!w(<nil>)", "",
	"failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1",
	"another key made it, or it was changed since",
	"failed to verify timestamps: threshold not met for verified signed timestamps: 0 < 1; error",
	"no timestamp authority of the trusted root says when it was signed",
)

// explain is an error on one line. Some of sigstore-go's errors wrap nothing, and
// some of its libraries' dump what they compared.
func explain(err error) string {
	text := jargon.Replace(strings.Join(strings.Fields(err.Error()), " "))
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason]) + "..."
	}
	return text
}
