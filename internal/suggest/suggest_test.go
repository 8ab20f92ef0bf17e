package suggest

import (
	"strings"
	"testing"
)

// TestNearest: a typo is near, another word is not, and a hostile key costs
// nothing.
func TestNearest(t *testing.T) {
	known := []string{"sklearn", "xgboost", "nodeSelector"}
	for name, want := range map[string]string{
		"sklern": "sklearn", "SKLearn": "sklearn", "nodeSelectr": "nodeSelector", "keras": "", "": "", strings.Repeat("s", 4096): "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%.20q: %q, want %q", name, got, want)
		}
	}
	if got := DidYouMean("sklearn", known); got != "" {
		t.Errorf("a known name is no typo: %q", got)
	}
}
