package artifact

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Locked is the Source that reads a lock. It opens no socket, and believes
// nothing that the lock says beside the raw bytes.
type Locked map[string]v1alpha1.LockedModel

var _ Source = Locked{}

// NewLocked indexes entries by URI; a later entry with the same URI is ignored.
func NewLocked(models []v1alpha1.LockedModel) Locked {
	l := make(Locked, len(models))
	for _, m := range models {
		if _, dup := l[m.URI]; !dup {
			l[m.URI] = m
		}
	}
	return l
}

// Pin derives the artifact from the entry's manifest and config, and compares
// every other field of the entry with what was derived.
func (l Locked) Pin(_ context.Context, ref Reference) (Pinned, error) {
	entry, ok := l[ref.uri]
	if !ok {
		return Pinned{}, fmt.Errorf("%s: %w", ref, ErrNotLocked)
	}
	if got := DigestOf(entry.Manifest); string(got) != entry.Digest {
		return Pinned{}, fmt.Errorf("%s: %w: the manifest hashes to %s, not to %s", ref, ErrLockEdited, got, entry.Digest)
	}
	artifact, err := newArtifact(ref, entry.Manifest, entry.Config)
	if errors.Is(err, errMismatch) {
		return Pinned{}, fmt.Errorf("%s: %w: %w", ref, ErrLockEdited, err)
	}
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	pinned := Pinned{Artifact: artifact}
	keep := make([]int, len(entry.Evidence))
	for i, e := range entry.Evidence {
		if len(e.Data) > maxEvidence || i >= maxCandidates {
			return Pinned{}, fmt.Errorf("%s: %w: more evidence than %d pieces of %d bytes", ref, ErrLockEdited, maxCandidates, maxEvidence)
		}
		if got := DigestOf(e.Data); string(got) != e.Digest {
			return Pinned{}, fmt.Errorf("%s: %w: evidence[%d] hashes to %s, not to %s", ref, ErrLockEdited, i, got, e.Digest)
		}
		piece := Evidence{e.MediaType, e.Data}
		if err := piece.checkForm(); err != nil {
			return Pinned{}, fmt.Errorf("%s: %w: evidence[%d]: %w", ref, ErrLockEdited, i, err)
		}
		pinned.Evidence = append(pinned.Evidence, piece)
		keep[i] = i
	}
	derived := pinned.Lock(keep)
	if field := firstDifference(entry, derived); field != "" {
		return Pinned{}, fmt.Errorf("%s: %w: %s is not what the manifest and config say", ref, ErrLockEdited, field)
	}
	return pinned, nil
}

// firstDifference names the JSON field in which the entries differ.
func firstDifference(a, b v1alpha1.LockedModel) string {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if fa, fb := va.Field(i), vb.Field(i); !reflect.DeepEqual(fa.Interface(), fb.Interface()) && (fa.Kind() != reflect.Slice || fa.Len()+fb.Len() > 0) {
			name, _, _ := strings.Cut(va.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}
