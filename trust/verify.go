package trust

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
)

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
	var found []testimony
	var unheard []reason
	for _, i := range smallestFirst(evidence) {
		t, err := rule.hear(a, i, evidence[i])
		if err != nil {
			unheard = append(unheard, reason{unverified, oneLine(fmt.Sprintf("%s: %v", nounOf(evidence[i]), err))})
			continue
		}
		found = append(found, t)
	}
	return rule.judge(a, p.use, found, unheard)
}

// judge counts signatures and attestations. What could not be read is a reason
// where signatures are missing.
func (r *Rule) judge(a artifact.Artifact, use Use, found []testimony, unheard []reason) Verdict {
	v := Verdict{rule: r, identity: a.Identity()}
	var reasons []reason
	var refusals []string
	v.signers, v.counted, reasons = r.release(a, use, found)
	if v.signed = len(v.signers) >= r.Threshold; !v.signed {
		refusals = append(refusals, r.unsigned(a, v, append(reasons, unheard...), len(found)))
	}
	v.attested = true
	left := effort(maxAllSteps)
	for _, q := range r.attestations {
		got := q.judge(r, use, found, unheard, &left)
		v.attestations = append(v.attestations, got)
		if got.Holds {
			v.counted = append(v.counted, got.counted)
			continue
		}
		v.attested = false
		refusals = append(refusals, got.Reason)
	}
	slices.Sort(v.counted)
	v.counted = slices.Compact(v.counted)
	v.trusted = v.signed && v.attested
	if v.reason = strings.Join(refusals, "; and "); v.signed && !v.attested {
		v.reason = a.Identity() + ": " + v.reason
	}
	return v
}

// unsigned says that signatures are missing, and why those that are there do not
// count.
func (r *Rule) unsigned(a artifact.Artifact, v Verdict, reasons []reason, found int) string {
	if len(reasons)+found == 0 {
		return fmt.Sprintf("%s has no signature", a.Identity())
	}
	text := fmt.Sprintf("%s is signed by %d of %d required authorities", a.Identity(), len(v.signers), r.Threshold)
	if len(v.signers) > 0 {
		text += " (" + v.AuthorityNames() + ")"
	}
	if len(reasons) > 0 {
		text += ": " + joinReasons(reasons)
	}
	return text
}

// nounOf names evidence that cannot be read.
func nounOf(e artifact.Evidence) string {
	if e.MediaType == artifact.TypeLegacy {
		return "legacy evidence"
	}
	return "bundle"
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
