package v1alpha1

import "testing"

// TestAutoscalingQuery: only KEDA scales by a query; a component has the class of
// the whole.
func TestAutoscalingQuery(t *testing.T) {
	for name, tt := range map[string]struct {
		class     string
		component bool
		refused   bool
	}{
		"KEDA":        {ScaleKEDA, false, false},
		"pods":        {ScaleHPA, false, true},
		"no class":    {"", false, true},
		"a component": {"", true, false},
	} {
		var e fieldErrors
		e.autoscaling("spec.autoscaling", &Autoscaling{Class: tt.class, Query: "up", Target: 1}, tt.component)
		if (len(e) > 0) != tt.refused || tt.refused && e[0].Path != "spec.autoscaling.query" {
			t.Errorf("%s: %v", name, e)
		}
	}
}
