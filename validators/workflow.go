package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
)

// githubIssuer is the issuer of GitHub Actions; enterprises have their own
// below it.
const githubIssuer = "https://token.actions.githubusercontent.com"

// ReusableWorkflows warns of each authority that lends itself: GitHub's subject
// names the workflow that was called, so any repository that calls it signs as
// the authority, unless the caller is checked too. at is the platform.
func ReusableWorkflows(at finding.Resource, s v1alpha1.ModelPlatformSpec) finding.List {
	var out finding.List
	for i, r := range s.Trust {
		for j, a := range r.Authorities {
			if a.Keyless == nil || a.Keyless.SourceRepository != "" ||
				a.Keyless.Issuer != githubIssuer && !strings.HasPrefix(a.Keyless.Issuer, githubIssuer+"/") {
				continue
			}
			out = append(out, finding.Finding{
				Rule: "reusable-workflow", Severity: finding.Warning, Resource: at,
				Field:   fmt.Sprintf("spec.trust[%d].authorities[%d].keyless.sourceRepository", i, j),
				Message: fmt.Sprintf("any repository that calls the workflow signs as %s", a.Name),
				Fix:     "name the repository that the workflow runs for, such as https://github.com/acme/models",
			})
		}
	}
	return out
}
