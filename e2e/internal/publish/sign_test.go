package publish_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

const (
	signPredicate = "https://sigstore.dev/cosign/sign/v1"
	slsaPredicate = "https://slsa.dev/provenance/v1"
)

func TestSignLegacy(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place)
			artifact, key, other := w.artifact(t), w.key(t, "release"), w.key(t, "other")
			if err := w.publisher.SignLegacy(t.Context(), key, artifact); err != nil {
				t.Fatal(err)
			}
			if !w.hasTag(t, fallbackTag(artifact)+".sig") {
				t.Error("no .sig tag")
			}
			if got := w.predicates(t, artifact); len(got) != 0 {
				t.Errorf("bundles %v, want none", got)
			}
			if err := w.publisher.VerifyLegacy(t.Context(), key, artifact); err != nil {
				t.Error(err)
			}
			if err := w.publisher.Verify3(t.Context(), key, artifact); err != nil {
				t.Error(err)
			}
			wantRefusal(t, w.publisher.VerifyLegacy(t.Context(), other, artifact), "invalid signature")
		})
	}
}

func TestSignBundle(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place)
			artifact, key, other := w.artifact(t), w.key(t, "release"), w.key(t, "other")
			if err := w.publisher.SignBundle(t.Context(), key, artifact); err != nil {
				t.Fatal(err)
			}
			if got := w.predicates(t, artifact); len(got) != 1 || got[0] != signPredicate {
				t.Errorf("bundles %v, want one signature", got)
			}
			if got, want := w.hasTag(t, fallbackTag(artifact)), !place.referrers; got != want {
				t.Errorf("fallback index: %v, want %v", got, want)
			}
			if w.hasTag(t, fallbackTag(artifact)+".sig") {
				t.Error("a .sig tag beside the bundle")
			}
			if err := w.publisher.Verify3(t.Context(), key, artifact); err != nil {
				t.Error(err)
			}
			if err := w.publisher.VerifyBundle2(t.Context(), key, artifact); err != nil {
				t.Error(err)
			}
			wantRefusal(t, w.publisher.Verify3(t.Context(), other, artifact), "could not verify envelope")
		})
	}
}

func TestAttest(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place)
			artifact, key := w.artifact(t), w.key(t, "release")
			predicate := map[string]any{"buildDefinition": map[string]any{"buildType": "https://example.com/train/v1"}}
			if err := w.publisher.Attest(t.Context(), key, artifact, slsaPredicate, predicate); err != nil {
				t.Fatal(err)
			}
			if got := w.predicates(t, artifact); len(got) != 1 || got[0] != slsaPredicate {
				t.Errorf("bundles %v, want one attestation", got)
			}
			// What modelfn must not do: cosign takes it for a signature.
			if err := w.publisher.Verify3(t.Context(), key, artifact); err != nil {
				t.Errorf("cosign does refuse an attestation as a signature: %v", err)
			}
		})
	}
}

func wantRefusal(t *testing.T, err error, reason string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("cosign says %v, want it to refuse: %s", err, reason)
	}
}

// fallbackTag is the tag under which clients keep what refers to an artifact.
func fallbackTag(artifact name.Digest) string {
	return strings.Replace(artifact.DigestStr(), ":", "-", 1)
}

func (w world) hasTag(t *testing.T, tag string) bool {
	t.Helper()
	_, err := remote.Head(w.repository(t).Tag(tag), w.server.Remote(t.Context())...)
	if err == nil {
		return true
	}
	var fault *transport.Error
	if !errors.As(err, &fault) || fault.StatusCode != http.StatusNotFound {
		t.Fatal(err)
	}
	return false
}

func (w world) repository(t *testing.T) name.Repository {
	t.Helper()
	repository, err := w.server.Repository("models/fraud")
	if err != nil {
		t.Fatal(err)
	}
	return repository
}

// predicates lists the predicate types of the bundles that refer to an
// artifact. Each is opened: what descriptors say of themselves is unreliable.
func (w world) predicates(t *testing.T, artifact name.Digest) []string {
	t.Helper()
	index, err := remote.Referrers(artifact, w.server.Remote(t.Context())...)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, descriptor := range manifest.Manifests {
		raw := readLayer(t, w.image(t, artifact.Context().Digest(descriptor.Digest.String())))
		var bundle struct {
			DsseEnvelope struct{ Payload []byte }
		}
		if err := json.Unmarshal(raw, &bundle); err != nil {
			t.Fatal(err)
		}
		var statement struct{ PredicateType string }
		if err := json.Unmarshal(bundle.DsseEnvelope.Payload, &statement); err != nil {
			t.Fatal(err)
		}
		types = append(types, statement.PredicateType)
	}
	return types
}
