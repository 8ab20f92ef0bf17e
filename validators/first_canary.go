package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// firstCanary: what the other requests go to is not in Git in Knative mode. KServe
// splits traffic between the latest revision and the last one that was rolled out,
// and where there is none gives everything to the latest, the canary, whatever its
// weight, 0 included.
func firstCanary(m *model.Model) finding.List {
	if m.LLM() || m.Platform.Spec.Serving.Mode != v1alpha1.ModeKnative || m.Canary == nil || !m.Stable.Artifact.Resolved() {
		return nil
	}
	if w := m.Share.Weight; w == nil || *w == 100 || len(m.Share.Match) > 0 {
		return nil // a shadow has no weight, a match is refused, and with 100 everything is meant to go to it
	}
	return finding.List{warn(m, "first-canary", m.Canary.Field,
		fmt.Sprintf("KServe keeps the stable version in the cluster only: %s must have been rolled out there before. In a cluster that has not done so, new or restored, every request would go to the canary, whatever its weight",
			m.Stable.Artifact.Identity()),
		"sync once without canary and wait until the model is ready, or use Standard mode, where both versions stand in Git")}
}
