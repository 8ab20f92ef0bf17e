package validators_test

import (
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/validators"
)

// TestReusableWorkflows: whose subject names a workflow that others may call is
// said, and nobody else.
func TestReusableWorkflows(t *testing.T) {
	const github = "https://token.actions.githubusercontent.com"
	for name, test := range map[string]struct {
		reason     string
		issuer     string
		repository string
		warned     bool
	}{
		"GitHub":              {"any repository that calls the workflow signs as it", github, "", true},
		"with the repository": {"the caller is checked", github, "https://github.com/acme/models", false},
		"enterprise":          {"an enterprise's own issuer is below GitHub's", github + "/acme", "", true},
		"another issuer":      {"its subjects are no workflows", "https://accounts.example.com", "", false},
		"look-alike":          {"a host that only begins like it", github + ".evil", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			keyless := v1alpha1.Keyless{Issuer: test.issuer, Subject: "https://github.com/acme/models/x@refs/heads/main", SourceRepository: test.repository}
			got := validators.ReusableWorkflows(finding.Resource{Name: "prod"}, v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{{}, {
				Authorities: []v1alpha1.Authority{{Name: "release", Key: &v1alpha1.Key{}}, {Name: "ci", Keyless: &keyless}},
			}}})
			if len(got) > 0 != test.warned {
				t.Fatalf("%s: %v, want a warning: %t", test.reason, got, test.warned)
			}
			if test.warned && (len(got) != 1 || got[0].Rule != "reusable-workflow" || got.Refused() || got[0].Field != "spec.trust[1].authorities[1].keyless.sourceRepository") {
				t.Errorf("%s: %v", test.reason, got)
			}
		})
	}
}
