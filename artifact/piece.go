package artifact

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Lock is the evidence as a lock holds it.
func (e Evidence) Lock() v1alpha1.LockedEvidence {
	packed := e.packed
	if packed == nil {
		packed = pack(e.Data)
	}
	return v1alpha1.LockedEvidence{MediaType: e.MediaType, Digest: string(DigestOf(packed)), Data: packed}
}

// openAll unpacks an entry's evidence.
func openAll(pieces []v1alpha1.LockedEvidence) ([]Evidence, error) {
	if len(pieces) > maxCandidates {
		return nil, fmt.Errorf("%w: %d pieces of evidence, at most %d are read", ErrLockEdited, len(pieces), maxCandidates)
	}
	var out []Evidence
	for i, p := range pieces {
		e, err := openPiece(p)
		switch {
		case errors.Is(err, ErrOldLock):
			return nil, fmt.Errorf("evidence[%d]: %w", i, err)
		case err != nil:
			return nil, fmt.Errorf("%w: evidence[%d]: %w", ErrLockEdited, i, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// openPiece checks one piece by what the lock says about it, and unpacks it.
func openPiece(p v1alpha1.LockedEvidence) (Evidence, error) {
	if len(p.Data) > maxPacked {
		return Evidence{}, fmt.Errorf("it has %d bytes, at most %d are read", len(p.Data), maxPacked)
	}
	if got := DigestOf(p.Data); string(got) != p.Digest {
		return Evidence{}, fmt.Errorf("it hashes to %s, not to %s", got, p.Digest)
	}
	raw, err := unpack(p.Data)
	if err != nil {
		if (Evidence{MediaType: p.MediaType, Data: p.Data}).checkForm() == nil {
			return Evidence{}, fmt.Errorf("it is not compressed: %w", ErrOldLock)
		}
		return Evidence{}, err
	}
	e := Evidence{MediaType: p.MediaType, Data: raw, packed: p.Data}
	return e, e.checkForm()
}

// samePiece tells whether both are the same evidence.
func samePiece(a, b v1alpha1.LockedEvidence) bool {
	if a.MediaType != b.MediaType {
		return false
	}
	if a.Digest == b.Digest && bytes.Equal(a.Data, b.Data) {
		return true
	}
	// One that does not hold is no other's like.
	x, errX := openPiece(a)
	y, errY := openPiece(b)
	return errX == nil && errY == nil && bytes.Equal(x.Data, y.Data)
}
