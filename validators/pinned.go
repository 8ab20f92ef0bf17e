package validators

import (
	"errors"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// pinned: every version has a digest. What stood in the way decides what there
// is to do.
func pinned(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Loaded() {
		if v.Err == nil && v.Artifact.Resolved() {
			continue
		}
		out = append(out, PinFinding(m.Resource, *v))
	}
	return out
}

// PinFinding says why a version could not be pinned.
func PinFinding(at finding.Resource, v model.Version) finding.Finding {
	return pinFinding(at, v.Field+".model", "model", v.Err)
}

// pinFinding says why something (a model, an image) could not be pinned.
func pinFinding(at finding.Resource, field, what string, err error) finding.Finding {
	f := finding.Finding{
		Rule: "unpinned-" + what, Severity: finding.Error, Resource: at, Field: field,
		Message: "the " + what + " has no digest", Fix: "run `modelfn lock`",
	}
	if err == nil {
		return f
	}
	f.Message = err.Error()
	switch {
	case errors.Is(err, trust.ErrNoRule):
		f.Rule = "untrusted-" + what
		f.Fix = "use a repository that a rule in spec.trust of the platform matches, or have one added"
	case errors.Is(err, artifact.ErrNotLocked):
		f.Rule = "not-locked"
		f.Message += ", and at render nothing is resolved"
		f.Fix = "run `modelfn lock` in the model's directory and commit modelfn.lock.yaml"
	case errors.Is(err, lock.ErrAmbiguous):
		f.Rule = "ambiguous-lock"
		f.Fix = "remove one of the two locks, or run `modelfn lock --update` so that both name one digest"
	case errors.Is(err, artifact.ErrOldLock):
		f.Rule = "old-lock"
		f.Fix = "run `modelfn lock` in the directory of the lock: it fetches the evidence again, for the locked digests; review the change"
	case errors.Is(err, artifact.ErrLockEdited):
		f.Rule = "lock-edited"
		f.Fix = "restore modelfn.lock.yaml from Git, or run `modelfn lock --update` and review the change"
	case errors.Is(err, artifact.ErrNotFound):
		f.Rule = "not-found"
		f.Fix = "push the " + what + ", or correct the tag"
	case errors.Is(err, artifact.ErrUnavailable):
		f.Rule, f.Unknown = "registry-unavailable", true
		f.Fix = "try again; if it stays, mend what the message says: the registry, its credentials, or spec.registries of the platform"
	default:
		f.Rule = "refused-artifact"
		f.Fix = "correct the reference, or pack the " + what + " as the message says"
	}
	return f
}
