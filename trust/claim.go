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
	// claimed is the predicate type that it names, by its own account.
	claimed() string
}

// testimony is what one piece of evidence is to each authority of a rule.
type testimony struct {
	// index of the evidence, and the digest of its blob.
	index  int
	digest artifact.Digest
	format Format
	// claimed tells which question it means to answer, before anything holds.
	claimed  string
	outcomes []outcome // by authority
}

// attests tells whether it means to be an attestation, and no signature.
func (t testimony) attests() bool {
	return t.claimed != "" && t.claimed != SignPredicate && t.format != ModelSigning
}

// noun is what people call it.
func (t testimony) noun() string {
	switch {
	case t.format == Bundle:
		return "bundle"
	case t.format == ModelSigning:
		return "model signature"
	case t.claimed == SignPredicate:
		return "legacy signature"
	}
	return "legacy attestation"
}

// outcome is what a claim proves to one authority, or why nothing.
type outcome struct {
	proof proof
	err   error
}

// examine verifies one piece of evidence; the error says why it is none.
func (r *Rule) examine(a artifact.Artifact, index int, e artifact.Evidence) (t testimony, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable(p)
		}
	}()
	o, err := r.open(a, e)
	if err != nil {
		return t, err
	}
	digest := e.Blob()
	return testimony{index, digest, o.format, o.claimed(), ask(r.Authorities, append(append(a.Digests(), o.also...), digest), o.claim)}, nil
}

// opened is evidence after parsing.
type opened struct {
	claim
	format Format
	// also are digests by which an authority may have revoked what it is about,
	// beside the artifact's.
	also []artifact.Digest
}

// open parses one piece of evidence.
func (r *Rule) open(a artifact.Artifact, e artifact.Evidence) (opened, error) {
	switch {
	case e.MediaType == artifact.TypeLegacy:
		c, err := r.readLegacy(a, e)
		return opened{claim: c, format: Legacy}, err
	case e.IsBundle():
		return readBundle(a, e)
	default:
		return opened{}, fmt.Errorf("evidence of type %q is not supported", e.MediaType)
	}
}

// unreadable is a decoder's panic as a refusal. Who can push can attach anything,
// and it goes through many decoders: one that gives up must not take down the
// other models of a run.
func unreadable(p any) error { return fmt.Errorf("evidence cannot be read: %v", p) }

// ask asks each authority whether the claim is its own.
func ask(authorities []Authority, digests []artifact.Digest, c claim) []outcome {
	out := make([]outcome, len(authorities))
	certified := map[*trustedRoot]outcome{} // once for all who share a root
	for i, authority := range authorities {
		if authority.key != nil {
			out[i].proof, out[i].err = c.byKey(*authority.key, authority.root)
		} else {
			known, ok := certified[authority.root]
			if !ok {
				known.proof, known.err = c.byCertificate(authority.root)
				certified[authority.root] = known
			}
			out[i] = known
		}
		if out[i].err == nil {
			out[i].err = authority.accepts(digests, out[i].proof)
		}
	}
	return out
}

// How much a reason says: what an authority did sign says more than who else
// signed, and that more than what does not hold at all.
const (
	otherKey = iota
	unverified
	strange
	decided
)

func weight(err error) int {
	switch {
	case errors.Is(err, errOtherKey):
		return otherKey
	case errors.Is(err, errUnverified):
		return unverified
	case errors.Is(err, errStranger):
		return strange
	default:
		return decided
	}
}
