package main

import (
	"strings"
	"testing"
)

// TestPinned: another toolchain is refused, with what to set.
func TestPinned(t *testing.T) {
	for running, reason := range map[string]string{
		"go1.26.8":                "",
		"go1.27.0":                "set GOTOOLCHAIN=go1.26.8",
		"go1.26.8 X:nogreenteagc": "set GOTOOLCHAIN=go1.26.8",
	} {
		if err := pinned(running); (err == nil) != (reason == "") || err != nil && !strings.Contains(err.Error(), reason) {
			t.Errorf("pinned(%s) = %v, want %q", running, err, reason)
		}
	}
}
