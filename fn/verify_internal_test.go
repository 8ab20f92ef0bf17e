package fn

import (
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// TestUntrustedIsRefused, also where no rule found anything to say about it.
func TestUntrustedIsRefused(t *testing.T) {
	m := model.New(&v1alpha1.ModelDeployment{}, finding.Resource{}, &model.Platform{})
	if got := judged(m, &m.Stable, "stable", m.Stable.Judged, nil).Outcome; got != Refused {
		t.Errorf("%s, want %s", got, Refused)
	}
}
