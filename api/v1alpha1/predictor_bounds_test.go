package v1alpha1

import (
	"strings"
	"testing"
)

// TestPredictorBounds: one server is told at most so much, as each piece may be a
// finding.
func TestPredictorBounds(t *testing.T) {
	for field, one := range map[string]any{"args": "--workers=1", "env": map[string]any{"name": "A", "value": "b"}} {
		for n, want := range map[int]int{maxTold: 0, maxTold + 1: 1} {
			list := make([]any, n)
			for i := range list {
				list[i] = one
			}
			var e fieldErrors
			e.predictor("spec.predictor", Predictor{field: list})
			if len(e) != want || want > 0 && (e[0].Path != "spec.predictor."+field || !strings.Contains(e[0].Message, "at most")) {
				t.Errorf("%d of %s: %v", n, field, e)
			}
		}
	}
}
