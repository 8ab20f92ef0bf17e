package artifact_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// locked is an entry with evidence of both kinds.
func locked() v1alpha1.LockedModel {
	return kit.Entry(uri, release.Bundle(kit.Digest()), release.Legacy(repository, kit.Digest()))
}

// TestLockedRoundTrip: what a lock gives is what made the lock.
func TestLockedRoundTrip(t *testing.T) {
	entry := locked()
	got, err := pin(t, uri, entry)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entry, got.Lock([]int{0, 1})); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	if kept := got.Lock([]int{1}).Evidence; len(kept) != 1 || kept[0].MediaType != artifact.TypeLegacy {
		t.Errorf("kept %v, want the legacy signature only", kept)
	}
}

// TestEveryByteOfAnEntryIsChecked changes each byte of each field, one at a
// time: there is nothing in an entry that an editor could change unnoticed.
func TestEveryByteOfAnEntryIsChecked(t *testing.T) {
	if _, err := pin(t, uri, locked()); err != nil {
		t.Fatal(err)
	}
	changed := 0
	visitBytes(reflect.TypeFor[v1alpha1.LockedModel](), "", func(field string, get func(*v1alpha1.LockedModel) reflect.Value) {
		for i := 0; ; i++ {
			entry := locked()
			before := entry.URI
			v := get(&entry)
			if i >= v.Len() {
				return
			}
			flip(v, i)
			changed++
			want := artifact.ErrLockEdited
			if entry.URI != before {
				want = artifact.ErrNotLocked
			}
			if _, err := pin(t, uri, entry); !errors.Is(err, want) {
				t.Errorf("%s, byte %d: %v, want %v", field, i, err, want)
			}
		}
	})
	if want := len(kit.Manifest) + len(kit.Config); changed < want {
		t.Errorf("%d bytes were changed, the manifest and config alone have %d", changed, want)
	}
}

// visitBytes calls f with every field of the type that is text or bytes, those
// of the evidence included.
func visitBytes(typ reflect.Type, at string, f func(string, func(*v1alpha1.LockedModel) reflect.Value)) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		switch {
		case field.Type == reflect.TypeFor[[]v1alpha1.LockedEvidence]():
			for n := range locked().Evidence {
				for j := range field.Type.Elem().NumField() {
					name := fmt.Sprintf("evidence[%d].%s", n, field.Type.Elem().Field(j).Name)
					f(name, func(m *v1alpha1.LockedModel) reflect.Value {
						return reflect.ValueOf(&m.Evidence[n]).Elem().Field(j)
					})
				}
			}
		case field.Type.Kind() == reflect.String || field.Type.Kind() == reflect.Slice:
			f(at+field.Name, func(m *v1alpha1.LockedModel) reflect.Value { return reflect.ValueOf(m).Elem().Field(i) })
		}
	}
}

// flip changes one byte of a string or of bytes that others may share.
func flip(v reflect.Value, i int) {
	if v.Kind() == reflect.String {
		raw := []byte(v.String())
		raw[i] ^= 1
		v.SetString(string(raw))
		return
	}
	raw := append([]byte(nil), v.Bytes()...)
	raw[i] ^= 1
	v.SetBytes(raw)
}

func TestEditedEntryRefused(t *testing.T) {
	second := testsign.Kit("fraud", "8.0.0")
	for name, test := range map[string]struct {
		change func(e *v1alpha1.LockedModel)
		want   string
	}{
		"size":        {func(e *v1alpha1.LockedModel) { e.Size++ }, "size is not what the manifest and config say"},
		"kind":        {func(e *v1alpha1.LockedModel) { e.Kind = "Image" }, "kind is not what"},
		"no name":     {func(e *v1alpha1.LockedModel) { e.Name = "" }, "name is not what"},
		"no format":   {func(e *v1alpha1.LockedModel) { e.Format = "" }, "format is not what"},
		"no licence":  {func(e *v1alpha1.LockedModel) { e.License = "" }, "license is not what"},
		"references":  {func(e *v1alpha1.LockedModel) { e.References = []string{"kit://x/y@" + digest} }, "references is not what"},
		"no config":   {func(e *v1alpha1.LockedModel) { e.Config = nil }, "config hashes to"},
		"no manifest": {func(e *v1alpha1.LockedModel) { e.Manifest = nil }, "the manifest hashes to"},
		"config of another": {func(e *v1alpha1.LockedModel) {
			e.Config = second.Config
		}, "config hashes to"},
		"another model, old digest": {func(e *v1alpha1.LockedModel) {
			e.Manifest, e.Config = second.Manifest, second.Config
		}, "the manifest hashes to " + string(second.Digest())},
		"evidence as another kind": {func(e *v1alpha1.LockedModel) {
			e.Evidence[0].MediaType = artifact.TypeLegacy
		}, "evidence[0]: legacy signature: payload and descriptor differ"},
		"evidence of no kind": {func(e *v1alpha1.LockedModel) {
			e.Evidence[1].MediaType = ""
		}, `evidence[1]: these bytes are no ""`},
		"too much evidence": {func(e *v1alpha1.LockedModel) {
			for range 64 {
				e.Evidence = append(e.Evidence, e.Evidence[0])
			}
		}, "more evidence than 64 pieces"},
		"evidence too long": {func(e *v1alpha1.LockedModel) {
			e.Evidence[0].Data = make([]byte, 1<<20+1)
		}, "more evidence than 64 pieces of 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			entry := locked()
			test.change(&entry)
			_, err := pin(t, uri, entry)
			if !errors.Is(err, artifact.ErrLockEdited) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want ErrLockEdited with %q", err, test.want)
			}
		})
	}
}

// TestLockedDigestMustBeTheReferences: a lock may not answer a pinned reference
// with another model, however consistent its entry is.
func TestLockedDigestMustBeTheReferences(t *testing.T) {
	pinned := "kit://" + repository + "@" + digest
	_, err := pin(t, pinned, kit.Entry(pinned))
	if want := "manifest hashes to " + string(kit.Digest()) + ", not to " + digest; !errors.Is(err, artifact.ErrLockEdited) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	right := "kit://" + repository + "@" + string(kit.Digest())
	if _, err := pin(t, right, kit.Entry(right)); err != nil {
		t.Error(err)
	}
}

// TestLockedFirstEntryCounts: a second entry of one URI changes nothing.
func TestLockedFirstEntryCounts(t *testing.T) {
	got, err := pin(t, uri, kit.Entry(uri), testsign.Kit("fraud", "8.0.0").Entry(uri))
	if err != nil || got.Digest() != kit.Digest() {
		t.Errorf("%s, %v", got.Digest(), err)
	}
	if _, err := pin(t, uri); !errors.Is(err, artifact.ErrNotLocked) {
		t.Errorf("%v, want ErrNotLocked", err)
	}
}

// FuzzLocked decodes any text as a lock and pins from it: whatever is pinned is
// named by the hash of its own bytes, and locks to the entry it came from.
func FuzzLocked(f *testing.F) {
	seed := func(entries ...v1alpha1.LockedModel) {
		f.Add(lockYAML(f, entries))
	}
	seed(locked())
	seed(testsign.Image("iris", "1", "onnx").Entry(uri), locked())
	seed(testsign.KitWith(map[string]any{"model": map[string]any{"path": "a:b"}}).Entry(uri))
	f.Add([]byte("kind: ModelLock"))
	f.Add([]byte("{apiVersion: modelfn.dev/v1alpha1, kind: ModelLock, metadata: {name: x}, spec: {models: [{uri: " + uri + ", digest: x, manifest: e30=}]}}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lock := new(v1alpha1.ModelLock)
		if errs := v1alpha1.Decode(raw, lock); len(errs) > 0 {
			return
		}
		for _, m := range lock.Spec.Models {
			ref, err := artifact.ParseReference(m.URI)
			if err != nil {
				continue
			}
			got, err := artifact.NewLocked(lock.Spec.Models).Pin(t.Context(), ref)
			if err != nil {
				if got.Pinned() {
					t.Errorf("%s: pinned in spite of %v", ref, err)
				}
				continue
			}
			if got.Digest() != artifact.DigestOf(m.Manifest) || string(got.Digest()) != m.Digest {
				t.Errorf("%s is pinned to %s, its manifest hashes to %s", ref, got.Digest(), artifact.DigestOf(m.Manifest))
			}
		}
	})
}
