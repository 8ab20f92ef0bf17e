package artifact_test

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	repository = "registry.example.com/models/fraud"
	uri        = "kit://" + repository + ":v7"
)

var (
	release = testsign.ECDSA("release")
	kit     = testsign.Kit("fraud", "7.0.0")
)

func parse(t testing.TB, uri string) artifact.Reference {
	t.Helper()
	ref, err := artifact.ParseReference(uri)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// pin pins from a lock with these entries.
func pin(t testing.TB, uri string, entries ...v1alpha1.LockedModel) (artifact.Pinned, error) {
	t.Helper()
	return artifact.NewLocked(entries).Pin(t.Context(), parse(t, uri))
}

// lockYAML is a lock file with the entries.
func lockYAML(t testing.TB, entries []v1alpha1.LockedModel) []byte {
	t.Helper()
	raw, err := yaml.Marshal(v1alpha1.ModelLock{
		TypeMeta: v1alpha1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindModelLock},
		Metadata: v1alpha1.ObjectMeta{Name: "fraud"},
		Spec:     v1alpha1.ModelLockSpec{Models: entries},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
