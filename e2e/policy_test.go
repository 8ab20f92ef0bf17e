package e2e_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestKyvernoJudges puts what modelfn renders before the real Kyverno: the
// rendered InferenceService passes the rendered policy, and nothing else does.
func TestKyvernoJudges(t *testing.T) {
	for kind, start := range map[string]func() (*registry.Server, error){
		"named registry":   func() (*registry.Server, error) { return registry.StartNamed("registry.example.com") },
		"plain HTTP":       func() (*registry.Server, error) { return registry.Start() },
		"no referrers API": func() (*registry.Server, error) { return registry.Start(registry.WithoutReferrers()) },
	} {
		t.Run(kind, func(t *testing.T) {
			server, err := start()
			w := newWorld(t, server, err)
			v7, v8 := w.signed(t)
			unsigned := w.kit(t, "unsigned")
			attested := w.kit(t, "attested")
			if err := w.publisher.Attest(t.Context(), w.key, attested, "https://example.com/review/v1", map[string]string{"ok": "yes"}); err != nil {
				t.Fatal(err)
			}
			app := w.app(t, variant{})
			w.lock(t, app)
			rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
			policy := toYAML(t, rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"])
			first := toYAML(t, rendered["InferenceService ml-serving/fraud"])
			service := edit(t, first, promoted)

			with := func(digest name.Digest) string {
				return strings.ReplaceAll(service, "storageUri: kit://"+v8.String(), "storageUri: kit://"+digest.String())
			}
			// A policy that lists a digest nobody signed shows that it is the
			// signature that decides, not the list alone.
			listing := func(signed, other name.Digest) string {
				return strings.ReplaceAll(policy, signed.DigestStr(), other.DigestStr())
			}
			w.judge(t, map[string]trial{
				"the canary of nothing":    {policy, first, rolledOutFirst},
				"the canary promoted":      {policy, service, ""},
				"the stable version":       {policy, with(v7), ""},
				"an unsigned digest":       {policy, with(unsigned), "the model must be one of the verified digests"},
				"an attested digest":       {policy, with(attested), "the model must be one of the verified digests"},
				"a listed unsigned canary": {listing(v8, unsigned), with(unsigned), "the model must be signed by release"},
				"a listed unsigned stable": {listing(v7, unsigned), with(unsigned), "the model must be signed by release"},
				"a listed attested canary": {listing(v8, attested), with(attested), "the model must be signed by release"},
				"a tag":                    {policy, strings.ReplaceAll(service, "kit://"+v8.String(), "kit://"+server.Host()+"/models/fraud:v8"), "the model must be one of the verified digests"},
				"another scheme":           {policy, strings.ReplaceAll(service, "storageUri: kit://", "storageUri: oci+native://"), "the model must be one of the verified digests"},
				"an s3 model":              {policy, strings.ReplaceAll(service, "storageUri: kit://"+v8.String(), "storageUri: s3://bucket/model"), "the model must be one of the verified digests"},
				"model arguments": {policy, edit(t, service, func(predictor map[string]any) {
					predictor["model"].(map[string]any)["args"] = []any{"--model_dir=s3://evil"}
				}), "only spec.predictor.model may name a model"},
				"a second model": {policy, edit(t, service, func(predictor map[string]any) {
					predictor["storageUris"] = []any{map[string]any{"uri": "s3://evil"}}
				}), "only spec.predictor.model may name a model"},
				"an old-style predictor": {policy, edit(t, service, func(predictor map[string]any) {
					delete(predictor, "model")
					predictor["sklearn"] = map[string]any{"storageUri": "s3://evil"}
				}), "only spec.predictor.model may name a model"},
				"a missing annotation": {policy, strings.Replace(service, "modelfn.dev/training-run-id", "modelfn.dev/other", 1), "annotations are required"},
				"a local model cache":  {policy, strings.Replace(service, "modelfn.dev/digest", "internal.serving.kserve.io/localmodel-sourceuri", 1), "local model cache"},
			})
			if counts, output := w.kyvernoWith(t, policy, with(unsigned), unchanged); counts != (host.Counts{}) {
				t.Errorf("an update that changes nothing is judged: %+v\n%s", counts, output)
			}
			// It leaves objects of other namespaces and other models alone.
			for name, other := range map[string]string{
				"another namespace": strings.Replace(service, "namespace: ml-serving", "namespace: other", 1),
				"another model":     strings.Replace(service, "modelfn.dev/deployment: fraud", "modelfn.dev/deployment: toy", 1),
			} {
				t.Run(name, func(t *testing.T) {
					counts, output := w.kyverno(t, policy, other)
					if counts != (host.Counts{}) {
						t.Errorf("want it not to be judged, got %+v\n%s", counts, output)
					}
				})
			}
		})
	}
}

// edit changes the predictor of an InferenceService.
func edit(t *testing.T, service string, change func(predictor map[string]any)) string {
	t.Helper()
	return editComponent(t, service, "predictor", change)
}

// editComponent changes a component of an InferenceService.
func editComponent(t *testing.T, service, component string, change func(map[string]any)) string {
	t.Helper()
	var o object
	if err := yaml.Unmarshal([]byte(service), &o); err != nil {
		t.Fatal(err)
	}
	change(o["spec"].(map[string]any)[component].(map[string]any))
	return toYAML(t, o)
}

func toYAML(t *testing.T, o object) string {
	t.Helper()
	if o == nil {
		t.Fatal("no such object was rendered")
	}
	raw, err := yaml.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
