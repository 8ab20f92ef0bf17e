package artifact

import (
	"context"
	"errors"

	"github.com/modelfn/modelfn/internal/distribution"
)

// Source pins a reference: it yields the artifact and the evidence about it.
// The evidence is raw; package trust judges it.
type Source interface {
	Pin(ctx context.Context, ref Reference) (Pinned, error)
}

// Pinned is an artifact with the evidence found beside it.
type Pinned struct {
	Artifact
	Evidence []Evidence
	// Skipped names the places that were not searched for evidence, since there
	// was enough.
	Skipped []string
}

// Sentinels by which a caller tells what can be done about a failed Pin. An
// error that wraps none of them means that the artifact itself is refused.
var (
	// ErrUnavailable: a registry did not answer, or not with what it must; a
	// retry may help.
	ErrUnavailable = distribution.ErrUnavailable
	// ErrNotFound: the registry answered that it has no such tag or digest.
	ErrNotFound = distribution.ErrNotFound
	// ErrNotLocked: the lock has no entry for the reference.
	ErrNotLocked = errors.New("not in the lock")
	// ErrLockEdited: an entry of the lock does not match the bytes it holds.
	ErrLockEdited = errors.New("lock does not match its own bytes")
	// ErrOldLock: an entry of the lock is as modelfn does not write it any more.
	ErrOldLock = errors.New("an older modelfn wrote this lock")
)
