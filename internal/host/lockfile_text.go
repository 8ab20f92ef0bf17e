package host

import (
	"bytes"
	"path/filepath"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/lock"
)

// text is the lock file with these locks. One that stands in it already keeps its
// text, also when a formatter, or another version, wrote it: a change is as small
// as what changed.
func (l *Locking) text(locks []*v1alpha1.ModelLock) []byte {
	written := map[string][]byte{}
	if raw, err := lock.Read(filepath.Join(l.Dir, LockFile)); err == nil && !l.Broken.Refused() {
		for _, document := range documents(raw) {
			if one := decodeLock(document); one != nil {
				written[canonical(one)] = body(document)
			}
		}
	}
	out := lock.Marshal(nil)
	for i, one := range lock.Sorted(locks) {
		if i > 0 {
			out = append(out, "---\n"...)
		}
		if kept := written[canonical(one)]; kept != nil {
			out = append(out, kept...)
		} else {
			out = append(out, canonical(one)...)
		}
	}
	return out
}

// canonical is a lock as it would be written by itself.
func canonical(l *v1alpha1.ModelLock) string {
	return string(bytes.TrimPrefix(lock.Marshal([]*v1alpha1.ModelLock{l}), lock.Marshal(nil)))
}

// decodeLock is the ModelLock in a document, or nil.
func decodeLock(document []byte) *v1alpha1.ModelLock {
	items, err := parseObjects(document)
	if err != nil || len(items) != 1 {
		return nil
	}
	p, findings := fn.Read(nil, items)
	if findings.Refused() || len(p.Locks) != 1 {
		return nil
	}
	return p.Locks[0]
}

// body is a document's text without the file's header and the line that begins
// it; nil when it cannot stand by itself.
func body(document []byte) []byte {
	rest := bytes.TrimPrefix(document, lock.Marshal(nil))
	if first, more, ok := bytes.Cut(rest, []byte("\n")); ok && isMarker(first) {
		if string(bytes.TrimSpace(first)) != "---" {
			return nil
		}
		rest = more
	}
	if !bytes.HasSuffix(rest, []byte("\n")) || bytes.Contains(rest, []byte("\n...")) {
		return nil
	}
	return rest
}
