package trust

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
)

// maxReasons bounds how many candidates a refusal explains.
const maxReasons = 5

// Verify judges the evidence about an artifact by the first rule that matches
// its repository. It needs no network and no clock.
func (p Policy) Verify(a artifact.Artifact, evidence []artifact.Evidence) Verdict {
	rule := p.Rule(a.Reference().Location())
	switch {
	case rule == nil:
		return refuse(nil, "%v %s", ErrNoRule, a.Reference().Location())
	case rule.UnsafeUnsigned:
		return Verdict{trusted: true, unsigned: true, rule: rule, identity: a.Identity()}
	case a.Digest() == "":
		return refuse(rule, "%s cannot be signed: only a rule with unsafeUnsigned lets it in, and %s has none", a.Identity(), rule.Path)
	}
	if len(rule.Authorities) == 0 {
		return refuse(rule, "%s names no key that can be verified", rule.Path)
	}
	if len(evidence) == 0 {
		return refuse(rule, "%s has no signature", a.Identity())
	}
	held := map[string]Format{} // by key id: one signer counts once
	var counted []int
	var reasons []string
	shown := map[string]bool{} // by format and key id
	for _, i := range smallestFirst(evidence) {
		format, signers, err := rule.check(a, evidence[i])
		if err != nil {
			reasons = append(reasons, err.Error())
			continue
		}
		// Whoever can push can attach a signature once more, in other bytes: one
		// piece for each signer is kept.
		if fresh := slices.ContainsFunc(signers, func(id string) bool { return !shown[string(format)+id] }); fresh {
			counted = append(counted, i)
		}
		for _, id := range signers {
			shown[string(format)+id] = true
			// An admission engine is confused by a stranger's bundle beside a
			// legacy signature, not the other way round: prefer the bundle.
			if held[id] != Bundle {
				held[id] = format
			}
		}
	}
	slices.Sort(counted)
	v := Verdict{rule: rule, identity: a.Identity(), counted: counted}
	seen := map[string]bool{}
	for _, authority := range rule.Authorities {
		if format, ok := held[authority.key.id]; ok && !seen[authority.key.id] {
			seen[authority.key.id] = true
			v.signers = append(v.signers, Signer{authority, format})
		}
	}
	if len(v.signers) < rule.Threshold {
		slices.Sort(reasons)
		reasons = slices.Compact(reasons)
		if len(reasons) > maxReasons {
			reasons = append(reasons[:maxReasons], "...")
		}
		v.reason = fmt.Sprintf("%s is signed by %d of %d required authorities", a.Identity(), len(v.signers), rule.Threshold)
		if len(reasons) > 0 {
			v.reason += ": " + strings.Join(reasons, "; ")
		}
		return v
	}
	v.trusted = true
	return v
}

// smallestFirst are the indices of the evidence in the order of its size.
func smallestFirst(evidence []artifact.Evidence) []int {
	out := make([]int, len(evidence))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(len(evidence[a].Data), len(evidence[b].Data)) })
	return out
}

// check verifies one piece of evidence and yields the ids of the keys that
// signed it; the error says why it proves nothing.
func (r *Rule) check(a artifact.Artifact, e artifact.Evidence) (Format, []string, error) {
	switch {
	case e.MediaType == artifact.TypeLegacy:
		ids, err := r.checkLegacy(a, e)
		return Legacy, ids, err
	case e.IsBundle():
		ids, err := r.checkBundle(a, e)
		return Bundle, ids, err
	default:
		return "", nil, fmt.Errorf("evidence of type %q is not supported", e.MediaType)
	}
}
