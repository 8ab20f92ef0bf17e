package validators

import (
	"cmp"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
)

// canaryProtocol: a client asks in one protocol and does not know which version
// will answer.
func canaryProtocol(m *model.Model) finding.List {
	if m.Canary == nil || m.LLM() || !m.Stable.Artifact.Resolved() || !m.Canary.Artifact.Resolved() {
		return nil
	}
	stable, second := spoken(&m.Stable), spoken(m.Canary)
	byGRPC := kserve.IsGRPC(stable) || kserve.IsGRPC(second)
	if stable == second || byGRPC && m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard {
		return nil // the rule grpc says
	}
	return finding.List{warn(m, "canary-protocol", m.Canary.Field+".protocolVersion",
		fmt.Sprintf("the stable version is asked by %s and the %s by %s: what clients send to the one, the other may not understand, so that the requests which the %s gets may fail",
			stable, m.Canary.Role, second, m.Canary.Role),
		"give both the same protocolVersion, with a runtime that speaks it; or deploy the other protocol as a ModelDeployment of its own")}
}

// spoken is the protocol that a version is asked by; KServe takes none for v1.
func spoken(v *model.Version) string { return cmp.Or(v.Protocol(), "v1") }
