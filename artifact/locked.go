package artifact

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Locked is the Source that reads a lock: the function looks an entry up by its
// URI, nil when there is none. It opens no socket, and believes nothing that the
// lock says beside the raw bytes.
type Locked func(uri string) (*v1alpha1.LockedModel, error)

var _ Source = Locked(nil)

// NewLocked looks up among the entries; of two with one URI the first counts.
func NewLocked(models []v1alpha1.LockedModel) Locked {
	return func(uri string) (*v1alpha1.LockedModel, error) {
		for i := range models {
			if models[i].URI == uri {
				return &models[i], nil
			}
		}
		return nil, nil
	}
}

// Pin derives the artifact from the entry's raw bytes, and compares every other
// field of the entry with what was derived.
func (l Locked) Pin(_ context.Context, ref Reference) (Pinned, error) {
	entry, err := l(ref.uri)
	switch {
	case err != nil:
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	case entry == nil:
		return Pinned{}, fmt.Errorf("%s: %w", ref, ErrNotLocked)
	case len(entry.Config) > maxConfig:
		return Pinned{}, fmt.Errorf("%s: %w: config has %d bytes, at most %d are read", ref, ErrLockEdited, len(entry.Config), maxConfig)
	}
	if got := DigestOf(entry.Manifest); string(got) != entry.Digest {
		return Pinned{}, fmt.Errorf("%s: %w: the manifest hashes to %s, not to %s", ref, ErrLockEdited, got, entry.Digest)
	}
	artifact, err := derive(ref, contentOf(*entry))
	if errors.Is(err, errMismatch) {
		return Pinned{}, fmt.Errorf("%s: %w: %w", ref, ErrLockEdited, err)
	}
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	pinned := Pinned{Artifact: artifact}
	if field := firstDifference(*entry, pinned.entry()); field != "" {
		return Pinned{}, fmt.Errorf("%s: %w: %s is not what the manifest and config say", ref, ErrLockEdited, field)
	}
	if pinned.Evidence, err = openAll(entry.Evidence); err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	return pinned, nil
}

// firstDifference names the JSON field in which the entries differ, evidence
// aside.
func firstDifference(a, b v1alpha1.LockedModel) string {
	a.Evidence, b.Evidence = nil, nil
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if fa, fb := va.Field(i), vb.Field(i); !reflect.DeepEqual(fa.Interface(), fb.Interface()) && (fa.Kind() != reflect.Slice || fa.Len()+fb.Len() > 0) {
			name, _, _ := strings.Cut(va.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}
