package model

import (
	"slices"

	"github.com/modelfn/modelfn/trust"
)

// Demand is what an engine that knows keys only can demand of an artifact: that so
// many of these signed it. It is less than the rule wants where the platform lets
// a gap through (policy.onGap), and never more: what nobody could satisfy would
// stop the model.
func (j Judged) Demand() (signers []trust.Signer, need int) {
	signers, need = j.Verdict.KeySigners(), 1
	if r := j.Verdict.Rule(); r != nil {
		need = r.Threshold
	}
	if need > 1 && len(signers) > 0 {
		// Signers are counted in one format only.
		signers = slices.DeleteFunc(slices.Clone(signers), func(s trust.Signer) bool { return s.Format != signers[0].Format })
	}
	return signers, min(need, len(signers))
}

// LegacyDemand is the same of an engine that knows cosign's older format only.
func (j Judged) LegacyDemand() (signers []trust.Signer, need int) {
	signers, need = j.Verdict.LegacySigners(), 1
	if r := j.Verdict.Rule(); r != nil {
		need = r.Threshold
	}
	return signers, min(need, len(signers))
}
