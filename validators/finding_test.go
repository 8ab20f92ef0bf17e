package validators_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
	"github.com/modelfn/modelfn/validators"
)

// The rules themselves are judged by the golden cases in testdata.

// TestPinFinding: what stood in the way decides the rule, the advice, and
// whether a retry may help.
func TestPinFinding(t *testing.T) {
	for name, test := range map[string]struct {
		err       error
		rule, fix string
		code      int
	}{
		"nothing":     {nil, "unpinned-model", "modelfn lock", finding.ExitRefused},
		"no rule":     {trust.ErrNoRule, "untrusted-model", "spec.trust", finding.ExitRefused},
		"not locked":  {artifact.ErrNotLocked, "not-locked", "commit modelfn.lock.yaml", finding.ExitRefused},
		"old":         {artifact.ErrOldLock, "old-lock", "run `modelfn lock` in the directory of the lock", finding.ExitRefused},
		"edited":      {artifact.ErrLockEdited, "lock-edited", "restore modelfn.lock.yaml", finding.ExitRefused},
		"not found":   {artifact.ErrNotFound, "not-found", "push the model", finding.ExitRefused},
		"unavailable": {artifact.ErrUnavailable, "registry-unavailable", "try again", finding.ExitUnknown},
		"refused":     {errors.New("an image index"), "refused-artifact", "correct the reference", finding.ExitRefused},
	} {
		v := model.Version{Field: "spec.canary", Err: test.err}
		if test.err != nil {
			v.Err = fmt.Errorf("kit://x: %w", test.err)
		}
		got := validators.PinFinding(finding.Resource{Name: "fraud"}, v)
		if got.Rule != test.rule || !strings.Contains(got.Fix, test.fix) || got.Field != "spec.canary.model" || got.Resource.Name != "fraud" {
			t.Errorf("%s: %v", name, got)
		}
		if code := (finding.List{got}).ExitCode(); code != test.code {
			t.Errorf("%s: exit code %d, want %d", name, code, test.code)
		}
	}
}

// TestTrustFindingWithoutARule: no signature helps where no rule looks at it.
func TestTrustFindingWithoutARule(t *testing.T) {
	got := validators.TrustFinding(finding.Resource{Name: "fraud"}, model.Version{Field: "spec"}, &model.Platform{Name: "prod"})
	if got.Rule != "untrusted-model" || got.Fix != "use a repository that a rule in spec.trust of the platform matches, or have one added" {
		t.Errorf("%v", got)
	}
}
