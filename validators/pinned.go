package validators

import (
	"errors"
	"fmt"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// pinned: every version has a digest. What stood in the way decides what there
// is to do.
func pinned(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		if v.Err == nil && v.Artifact.Pinned() {
			continue
		}
		out = append(out, PinFinding(m.Resource, *v))
	}
	return out
}

// PinFinding says why a version could not be pinned.
func PinFinding(at finding.Resource, v model.Version) finding.Finding {
	f := finding.Finding{
		Rule: "unpinned-model", Severity: finding.Error, Resource: at, Field: v.Field + ".model",
		Message: "the model has no digest", Fix: "run `modelfn lock`",
	}
	if v.Err == nil {
		return f
	}
	f.Message = v.Err.Error()
	switch {
	case errors.Is(v.Err, trust.ErrNoRule):
		f.Rule = "untrusted-model"
		f.Fix = "use a repository that a rule in spec.trust of the platform matches, or have one added"
	case errors.Is(v.Err, artifact.ErrNotLocked):
		f.Rule = "not-locked"
		f.Message = fmt.Sprintf("%s is not in the lock, and at render nothing is resolved", v.Spec.Model)
		f.Fix = "run `modelfn lock` in the model's directory and commit modelfn.lock.yaml"
	case errors.Is(v.Err, artifact.ErrLockEdited):
		f.Rule = "lock-edited"
		f.Fix = "restore modelfn.lock.yaml from Git, or run `modelfn lock --update` and review the change"
	case errors.Is(v.Err, artifact.ErrNotFound):
		f.Rule = "not-found"
		f.Fix = "push the model, or correct the tag"
	case errors.Is(v.Err, artifact.ErrUnavailable):
		f.Rule, f.Unknown = "registry-unavailable", true
		f.Fix = "try again; check the registry, its credentials and spec.registries of the platform"
	default:
		f.Rule = "refused-artifact"
		f.Fix = "correct the reference, or pack the model as the message says"
	}
	return f
}
