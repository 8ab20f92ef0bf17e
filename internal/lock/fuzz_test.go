package lock_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
)

// FuzzLock takes any text for a lock file. What is read as a lock is written as one
// that reads the same, in the bytes that every other writing gives.
func FuzzLock(f *testing.F) {
	d := deployment("fraud", "")
	f.Add(lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, []v1alpha1.LockedModel{entry("kit://registry.example.com/models/fraud:v7", "7")})}))
	f.Add([]byte("apiVersion: modelfn.dev/v1alpha1\nkind: ModelLock\nmetadata: {name: x}\nspec: {models: [{uri: \"a\\nb\", digest: 'yes', size: 1e3, version: \"0o7\"}]}\n"))
	f.Add([]byte("<<<<<<< ours\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := new(v1alpha1.ModelLock)
		if len(v1alpha1.Decode(text, l)) > 0 {
			return
		}
		written := lock.Marshal([]*v1alpha1.ModelLock{l})
		again := new(v1alpha1.ModelLock)
		if errs := v1alpha1.Decode(written, again); len(errs) > 0 {
			t.Fatalf("%v:\n%s", errs, written)
		}
		if diff := cmp.Diff(l.Spec, again.Spec, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-read +read back:\n%s", diff)
		}
		if same := lock.Marshal([]*v1alpha1.ModelLock{again}); !bytes.Equal(same, written) {
			t.Errorf("written:\n%s\nwritten again:\n%s", written, same)
		}
		// Looked up by what it names, it gives its own entries or says why not.
		at := lock.NewIndex([]*v1alpha1.ModelLock{l, again}).For(d)
		for _, m := range l.Spec.Models {
			if got, err := at(m.URI); err == nil && (got == nil || got.URI != m.URI) {
				t.Errorf("%q gives %v", m.URI, got)
			}
		}
	})
}
