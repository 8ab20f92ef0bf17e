package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// signatureGaps: an engine that sees the object alone holds models and images to
// their digests; who signed them, and what is attested of them, it cannot check.
func signatureGaps(m *model.Model) finding.List {
	var unseen, attested []string
	eachTrusted(m, func(j model.Judged, field string) {
		if j.Verdict.Unsigned() {
			return
		}
		unseen = append(unseen, field)
		for _, a := range j.Verdict.Attestations() {
			attested = append(attested, a.PredicateType+" of "+field)
		}
	})
	if len(unseen) == 0 {
		return nil
	}
	what := "who signed it (" + strings.Join(unseen, ", ") + ")"
	if len(attested) > 0 {
		what += ", nor what is attested (" + strings.Join(attested, ", ") + ")"
	}
	return finding.List{refuse(m, "policy-gap", unseen[0],
		fmt.Sprintf("%s holds the model to what was verified, digest by digest, and cannot check %s", m.Platform.Spec.Policy.Engine, what),
		"set spec.policy.engine of the platform to Kyverno")}
}
