package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
)

// Duty is what an admission engine that knows keys only can demand of every
// artifact that a rule decides about, before there is one. It is never more than the
// rule wants, and Gaps says what it is less.
type Duty struct {
	// Releasing are the keys that may sign, each once.
	Releasing []Candidate
	// Need is how many of them must have signed, at least; 0 where those whom the
	// engine cannot check would do.
	Need int
	// Attestations are those that the rule requires and the engine can demand.
	Attestations []DutyAttestation
	// Older: older signatures (.sig) count, too, of which it cannot tell an attestation.
	Older bool
	Gaps  []Gap
}

// Candidate is a key, and every way in which it may have signed.
type Candidate struct {
	Ways []Signer
	// Revoked are the artifacts of which it no longer counts, in order.
	Revoked []artifact.Digest
}

// DutyAttestation is an attestation that any of the keys may make.
type DutyAttestation struct {
	PredicateType string
	By            []Candidate
	Conditions    []Condition
}

// Gap is what of a rule the engine cannot check, and what would mend it.
type Gap struct{ Message, Fix string }

// Duty is what can be demanded of whatever the rule decides about: bundles, and with
// older those other signatures, too, beside which no bundle is wanted. A rule that
// wants no signature has none.
func (r *Rule) Duty(older bool) Duty {
	var out Duty
	if r.UnsafeUnsigned {
		return out
	}
	gap := func(fix, format string, args ...any) {
		out.Gaps = append(out.Gaps, Gap{fmt.Sprintf(format, args...), fix})
	}
	others := 0
	for _, a := range r.Authorities {
		if a.attestsOnly {
			continue
		}
		if why := a.uncheckable(); why != "" {
			others++
			gap("let an ECDSA or RSA key without tlog: Required sign", "that %s signed, %s", a.Name, why)
			continue
		}
		out.Releasing = joined(out.Releasing, a)
	}
	out.Need = min(max(0, r.Threshold-others), len(out.Releasing))
	if out.Older = older && !r.Attested() && out.Need > 0; out.Older {
		gap("let the authorities sign with cosign v3, whose signatures are bundles, and set spec.policy.onGap to Refuse",
			"whether an older signature (.sig) is one, and of which repository: any attestation by %s would do, and a signature that was copied", Names(out.Releasing))
	}
	if r.binding != "" {
		gap("leave out binding, or use scope: Model", "that a signature names what it is for (binding: %s)", r.binding)
	}
	for _, q := range r.attestations {
		q.demand(r, &out, gap)
	}
	return out
}

// demand adds what can be demanded of an attestation: somebody who may make it, and
// whom the engine cannot check, would be refused, so that it is left out then.
func (q requirement) demand(r *Rule, out *Duty, gap func(fix, format string, args ...any)) {
	d := DutyAttestation{PredicateType: q.predicateType}
	complete := true
	for _, i := range q.authorities {
		a := r.Authorities[i]
		if why := a.uncheckable(); why != "" {
			complete = false
			gap("let an ECDSA or RSA key without tlog: Required attest", "the attestation of type %s by %s, %s", q.predicateType, a.Name, why)
			continue
		}
		d.By = joined(d.By, a)
	}
	for _, c := range q.conditions(nil, nil) {
		if c.Stays != nil {
			gap("write the expression otherwise", "%q of the attestation of type %s, which it would not judge as we do: %v", c.Expression, q.predicateType, c.Stays)
			continue
		}
		d.Conditions = append(d.Conditions, c)
	}
	if complete {
		out.Attestations = append(out.Attestations, d)
	}
}

// uncheckable says why an engine that knows keys only cannot check an authority; ""
// if it can.
func (a Authority) uncheckable() string {
	switch {
	case a.Certified():
		return "under a certificate"
	case a.Logged():
		return "whose signatures are logged"
	case a.key.whole:
		return "whose key is Ed25519, with which cosign signs as Kyverno does not verify"
	}
	return ""
}

// joined adds an authority's key; two authorities with one key are one signer.
func joined(list []Candidate, a Authority) []Candidate {
	for i, c := range list {
		if c.Ways[0].Authority.KeyID() == a.KeyID() {
			// Counted by one of them is counted.
			list[i].Revoked = slices.DeleteFunc(c.Revoked, func(d artifact.Digest) bool { return !a.revoked[d] })
			return list
		}
	}
	c := Candidate{Ways: []Signer{{a, Bundle, UsualHash}}}
	if own := a.key.ownHash(); own != UsualHash {
		c.Ways = append(c.Ways, Signer{a, Bundle, own})
	}
	for d := range a.revoked {
		c.Revoked = append(c.Revoked, d)
	}
	slices.Sort(c.Revoked)
	return append(list, c)
}

// ownHash is what belongs to the key's curve.
func (k key) ownHash() Hash {
	if e, ok := k.verifier.(eitherWay); ok {
		return e.hash
	}
	return UsualHash
}

// Names are the candidates' names, for people.
func Names(list []Candidate) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Ways[0].Authority.Name)
	}
	return strings.Join(out, ", ")
}
