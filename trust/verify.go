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
		return refuse(rule, "%s names nobody who may sign", rule.Path)
	}
	if len(evidence) == 0 {
		return refuse(rule, "%s has no signature", a.Identity())
	}
	var votes []vote
	var counted []int
	var reasons []string
	for _, i := range smallestFirst(evidence) {
		found, err := rule.check(a, evidence[i])
		if err != nil {
			reasons = append(reasons, err.Error())
			continue
		}
		// Whoever can push can attach a signature once more, in other bytes: one
		// piece for each signer is kept.
		if slices.ContainsFunc(found, func(v vote) bool { return !slices.ContainsFunc(votes, v.repeats) }) {
			counted = append(counted, i)
		}
		votes = append(votes, found...)
	}
	slices.Sort(counted)
	v := Verdict{rule: rule, identity: a.Identity(), counted: counted, signers: elect(rule.Authorities, votes)}
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
