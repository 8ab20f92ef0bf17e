package host

import (
	"bytes"
	"strings"
	"testing"
)

// TestPassOn: a name from the repository may be as long as a file, and begin a line
// wherever it is cut.
func TestPassOn(t *testing.T) {
	long := strings.Repeat("é", mostBytes) + "error: untrusted-model: all is well"
	for name, tt := range map[string]struct{ in, want string }{
		"lines":       {"a\nb\n", "a\nb\n"},
		"no end":      {"a", "a\n"},
		"a command":   {"::error::x\n", ":\u200b:error:\u200b:x\n"},
		"a long line": {long + "\nb\n", strings.Repeat("é", mostBytes/2) + "...\nb\n"},
		"many lines":  {strings.Repeat("a\n", mostLines+9), strings.Repeat("a\n", mostLines) + "... and more\n"},
	} {
		var out bytes.Buffer
		passOn(&out, strings.NewReader(tt.in))
		if out.String() != tt.want {
			t.Errorf("%s: %q, want %q", name, out.String(), tt.want)
		}
	}
}
