package generators

import (
	"regexp"
	"strings"
	"testing"
)

// TestConstraintNames: each is a name that Gatekeeper takes, and another for another
// deployment, however long and alike they are.
func TestConstraintNames(t *testing.T) {
	long := strings.Repeat("long-", 12) + "fr"
	seen := map[string]bool{}
	for _, tt := range []struct{ namespace, name, want string }{
		{"ml-serving", "fraud", "modelfn.ml-serving.fraud"},
		{long[:27], long[:27], "modelfn." + long[:27] + "." + long[:27]}, // 63 characters
		{long[:28], long[:27], ""},
		{long, "fraud", ""},
		{long, "fraud-b", ""},
		{long, long, ""},
		{"a", strings.Repeat("a", 36) + "-" + strings.Repeat("b", 26), ""}, // cut at a dash
	} {
		m := verified(t, 1, "release")
		m.Deployment.Metadata.Namespace, m.Deployment.Metadata.Name = tt.namespace, tt.name
		got := constraintName(m)
		if tt.want != "" && got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
		if len(got) > 63 || !validName.MatchString(got) || seen[got] {
			t.Errorf("%s/%s: %s (%d)", tt.namespace, tt.name, got, len(got))
		}
		seen[got] = true
	}
}

var validName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
