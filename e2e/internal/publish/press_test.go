package publish_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestPress holds what a Press makes against the real cosign, which has to
// accept its signatures, and the real kit, which has to unpack its kits.
func TestPress(t *testing.T) {
	for name, opts := range map[string][]registry.Option{
		"referrers API": nil, "fallback tag": {registry.WithoutReferrers()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, place{start: func(t *testing.T) *registry.Server { return started(t)(registry.Start(opts...)) }})
			press, err := publish.NewPress(t.Context(), w.server)
			if err != nil {
				t.Fatal(err)
			}
			key, err := press.Key(filepath.Join(t.TempDir(), "press.pub"))
			if err != nil {
				t.Fatal(err)
			}
			legacy, err := press.ModelKit(t.Context(), "models/fraud:v7")
			if err != nil {
				t.Fatal(err)
			}
			bundle, err := press.ModelKit(t.Context(), "models/fraud:v8")
			if err != nil {
				t.Fatal(err)
			}
			if err := press.SignLegacy(t.Context(), legacy); err != nil {
				t.Fatal(err)
			}
			if err := press.SignBundle(t.Context(), bundle); err != nil {
				t.Fatal(err)
			}
			if err := w.publisher.VerifyLegacy(t.Context(), key, legacy); err != nil {
				t.Error(err)
			}
			if err := w.publisher.Verify3(t.Context(), key, bundle); err != nil {
				t.Error(err)
			}
			if got := w.predicates(t, bundle); len(got) != 1 || got[0] != signPredicate {
				t.Errorf("bundles %v, want one signature", got)
			}
			other := w.key(t, "other")
			wantRefusal(t, w.publisher.VerifyLegacy(t.Context(), other, legacy), "invalid signature")
			if err := w.publisher.Verify3(t.Context(), other, bundle); err == nil {
				t.Error("another key verifies the bundle")
			}
			dir := t.TempDir()
			if err := w.publisher.Unpack(t.Context(), legacy, dir); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "model.joblib")); err != nil || string(got) != "weights of models/fraud:v7" {
				t.Errorf("unpacked %q (%v)", got, err)
			}
		})
	}
}
