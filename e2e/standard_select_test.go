package e2e_test

import (
	"testing"

	shipped "github.com/modelfn/modelfn/internal/kserve"
)

// TestSelectAsKServe: modelfn names the runtime that KServe itself chooses (which
// TestStandardRuntime asks it), and where KServe finds none without a protocol,
// one and the protocol that it needs.
func TestSelectAsKServe(t *testing.T) {
	for format, runtimes := range chosen {
		for _, protocol := range []string{"", "v1", "v2", "grpc-v2"} {
			want := runtimes[protocol]
			if protocol == "" && want == "" {
				want = runtimes["v2"]
			}
			got, _ := shipped.Of(shipped.Default).Select(shipped.Asked{Format: format, Protocol: protocol})
			if got.Name != want {
				t.Errorf("%s %q: %q, want %q", format, protocol, got.Name, want)
			}
			if protocol == "" && runtimes[""] == "" && want != "" && got.Protocol() != "v2" {
				t.Errorf("%s: protocol %q is stated, and without v2 KServe finds no runtime", format, got.Protocol())
			}
		}
	}
}
