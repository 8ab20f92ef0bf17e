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
	index := testsign.Index([]string{"linux/amd64", "linux/arm64"}, testsign.Image("iris", "1", "onnx"), testsign.Image("iris", "2", "onnx"))
	parts := "registry.example.com/models/kit-parts:v1"
	nested := "registry.example.com/models/kit-nested-digest:v1"
	for name, make := range map[string]func() v1alpha1.LockedModel{
		"kit":    locked,
		"index":  func() v1alpha1.LockedModel { return index.Entry(uri) },
		"parts":  func() v1alpha1.LockedModel { return complete(t, real(t, "kit-parts", parts)) },
		"nested": func() v1alpha1.LockedModel { return complete(t, real(t, "kit-nested-digest", nested)) },
	} {
		t.Run(name, func(t *testing.T) {
			uri := make().URI
			if _, err := pin(t, uri, make()); err != nil {
				t.Fatal(err)
			}
			changed := 0
			for n := 0; ; n++ {
				entry := make()
				field, ok := flipNth(reflect.ValueOf(&entry).Elem(), "", &[]int{n}[0])
				if !ok {
					break
				}
				changed++
				want := artifact.ErrLockEdited
				if field == ".URI" {
					want = artifact.ErrNotLocked
				}
				if _, err := pin(t, uri, entry); !errors.Is(err, want) {
					t.Errorf("%s, byte %d: %v, want %v", field, n, err, want)
				}
			}
			if want := len(make().Manifest) + len(make().Config); changed < want {
				t.Errorf("%d bytes were changed, the manifest and config alone have %d", changed, want)
			}
		})
	}
}

// flipNth changes the nth byte of all text and bytes below a value, and names
// the field; it counts n down.
func flipNth(v reflect.Value, at string, n *int) (field string, ok bool) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field, ok := flipNth(v.Field(i), at+"."+v.Type().Field(i).Name, n); ok {
				return field, true
			}
		}
	case v.Kind() == reflect.String, v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		if *n < v.Len() {
			flip(v, *n)
			return at, true
		}
		*n -= v.Len()
	case v.Kind() == reflect.Slice:
		// Others may share it.
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		v.Set(own)
		for i := range v.Len() {
			if field, ok := flipNth(v.Index(i), fmt.Sprintf("%s[%d]", at, i), n); ok {
				return field, true
			}
		}
	}
	return "", false
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
		"size":         {func(e *v1alpha1.LockedModel) { e.Size++ }, "size is not what the manifest and config say"},
		"kind":         {func(e *v1alpha1.LockedModel) { e.Kind = "Image" }, "kind is not what"},
		"no name":      {func(e *v1alpha1.LockedModel) { e.Name = "" }, "name is not what"},
		"no format":    {func(e *v1alpha1.LockedModel) { e.Format = "" }, "format is not what"},
		"no licence":   {func(e *v1alpha1.LockedModel) { e.License = "" }, "license is not what"},
		"references":   {func(e *v1alpha1.LockedModel) { e.References = []string{"kit://x/y@" + digest} }, "references is not what"},
		"large config": {func(e *v1alpha1.LockedModel) { e.Config = make([]byte, 8<<20+1) }, "config has 8388609 bytes, at most 8388608 are read"},
		"no config":    {func(e *v1alpha1.LockedModel) { e.Config = nil }, "config hashes to"},
		"no manifest":  {func(e *v1alpha1.LockedModel) { e.Manifest = nil }, "the manifest hashes to"},
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
		}, "66 pieces of evidence, at most 64 are read"},
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
				if got.Resolved() {
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
