package passthrough

import "testing"

// TestCarries: no spelling and no beginning of what tells a server the name.
func TestCarries(t *testing.T) {
	for name, test := range map[string]struct {
		flag, variable string
		want           bool
	}{
		"args.--acme-name":  {"--acme_name=", "", true},
		"args.--ACME_name":  {"--acme-name=", "", true},
		"args.--acme":       {"--acme_name=", "", true},
		"args.--acme-names": {"--acme_name=", "", false},
		"args.--name":       {"", "NAME", false},
		"env.acme_name":     {"", "ACME_NAME", true},
		"env.ACME_NAMES":    {"", "ACME_NAME", false},
		"env.name":          {"--name=", "", false},
		"nodeSelector":      {"--n=", "N", false},
	} {
		if got := Carries(name, test.flag, test.variable); got != test.want {
			t.Errorf("%s for %q %q: %v", name, test.flag, test.variable, got)
		}
	}
}
