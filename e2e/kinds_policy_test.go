package e2e_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestKyvernoJudgesKinds: the real Kyverno verifies each kind of artifact that
// is served. It parses configs by itself, and would deny what it cannot read. The
// formats of signatures take turns.
func TestKyvernoJudgesKinds(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newWorld(t, server, err)
	for i, kind := range publish.Kinds() {
		want, format := expectations[kind], signings[i%len(signings)]
		if want.refused != "" || want.unservable != "" {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			path := "models/fraud:" + string(kind)
			artifact := w.sample(t, kind, want, format)
			// The same once more, under a digest that nobody signed.
			unsigned, err := w.publisher.Rewrite(t.Context(), artifact.Digest, "unsigned", func(manifest map[string]any) {
				manifest["annotations"] = map[string]any{"org.example.other": "yes"}
			})
			if err != nil {
				t.Fatal(err)
			}
			app := directory(t, w.platform(t), map[string]spec{"fraud": {
				"model": w.uri(want.scheme+"://", path), "format": map[string]any{"name": servedAs(want)},
			}})
			w.lock(t, app)
			rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
			policy := toYAML(t, rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"])
			service := toYAML(t, rendered["InferenceService ml-serving/fraud"])
			other := func(text string) string {
				return strings.ReplaceAll(text, artifact.Digest.DigestStr(), unsigned.Digest.DigestStr())
			}
			w.judge(t, map[string]trial{
				"as rendered":           {policy, service, ""},
				"another digest":        {policy, other(service), notVerified},
				"listed but not signed": {other(policy), other(service), "the model must be signed by release"},
			})
		})
	}
}
