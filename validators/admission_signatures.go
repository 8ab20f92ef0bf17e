package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// signatureGaps: an engine that sees the object alone holds models and images to
// their digests; who signed them it cannot check.
func signatureGaps(m *model.Model) finding.List {
	var unseen []string
	for _, v := range m.Loaded() {
		if v.Trusted() && !v.Unsigned() {
			unseen = append(unseen, v.Field+".model")
		}
	}
	for _, i := range m.Images() {
		if i.Trusted() && !i.Verdict.Unsigned() {
			unseen = append(unseen, i.Field+".image")
		}
	}
	if len(unseen) == 0 {
		return nil
	}
	engine := m.Platform.Spec.Policy.Engine
	return finding.List{refuse(m, "policy-gap", unseen[0],
		fmt.Sprintf("%s holds the model to what was verified, digest by digest, and cannot check who signed it (%s)", engine, strings.Join(unseen, ", ")),
		"set spec.policy.engine of the platform to Kyverno, or spec.policy.onGap to Warn")}
}
