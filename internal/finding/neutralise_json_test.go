package finding

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestNeutraliseJSON: what a log takes for a command is escaped, and reads the same.
func TestNeutraliseJSON(t *testing.T) {
	for _, text := range []string{"::error::x", "##vso[task]", ":::", "\u202etxt", "a\u2028b", "\U000e0001", "kit://h:5000/a@sha256:00"} {
		raw, err := json.Marshal(map[string]string{"a": text})
		if err != nil {
			t.Fatal(err)
		}
		got := NeutraliseJSON(raw)
		for _, command := range []string{"::", "##", "\u202e", "\u2028", "\U000e0001"} {
			if strings.Contains(string(got), command) {
				t.Errorf("%q: %q is in %s", text, command, got)
			}
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["a"] != text {
			t.Errorf("%q reads as %q, %v", text, back["a"], err)
		}
	}
}
