package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestEachSignatureRuleIsNeeded: of what a policy demands to be signed and attested,
// each refuses something that the real Kyverno admits without it. The generators' own
// tests take away what needs no registry.
func TestEachSignatureRuleIsNeeded(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := team{newWorld(t, server, err), map[string]publish.Key{}}
	if w.keys["evaluator"], err = w.publisher.NewKey(t.Context(), "evaluator"); err != nil {
		t.Fatal(err)
	}
	evaluation := sayings[0]
	prepared := func(digest name.Digest, signed, evaluated bool) name.Digest {
		if signed {
			w.sign(t, bundle, digest)
		}
		if evaluated {
			w.attest(t, attest3, "evaluator", digest, evaluation.word, evaluation.predicate)
		}
		return digest
	}
	sample, err := w.publisher.Sample(t.Context(), publish.KindImage, "models/features")
	if err != nil {
		t.Fatal(err)
	}
	image := func(tag string) name.Digest {
		other, err := w.publisher.Rewrite(t.Context(), sample.Digest, tag, func(manifest map[string]any) {
			manifest["annotations"] = map[string]any{"org.example.other": tag}
		})
		if err != nil {
			t.Fatal(err)
		}
		return other.Digest
	}
	model, features := prepared(w.kit(t, "good"), true, true), prepared(image("good"), true, true)
	platform := w.demands(t, evaluation)
	delete(platform["spec"].(map[string]any), "policy")
	platform["spec"].(map[string]any)["images"] = []any{map[string]any{"match": []any{w.server.Host() + "/models/**"}}}
	app := directory(t, platform, map[string]spec{"fraud": {
		"model":       w.uri("kit://", "models/fraud:good"),
		"transformer": map[string]any{"containers": []any{map[string]any{"image": w.uri("", "models/features:good")}}},
	}})
	w.lock(t, app)
	rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
	o := rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"]
	policy, service := toYAML(t, o), toYAML(t, rendered["InferenceService ml-serving/fraud"])

	trials := map[string]trial{"as rendered": {policy, service, ""}}
	rules := map[string]struct{ was, now name.Digest }{
		"the model" + mustBeSigned:    {model, prepared(w.kit(t, "unsigned"), false, true)},
		"the model" + mustBeEvaluated: {model, prepared(w.kit(t, "unattested"), true, false)},
		"the images" + mustBeSigned:   {features, prepared(image("unsigned"), false, true)},
		"an image" + mustBeEvaluated:  {features, prepared(image("unattested"), true, false)},
	}
	for message, r := range rules {
		other := func(text string) string { return strings.ReplaceAll(text, r.was.DigestStr(), r.now.DigestStr()) }
		name, _, _ := strings.Cut(message, " by ")
		trials[name] = trial{other(policy), other(service), message}
		trials["unless "+name] = trial{without(t, other(policy), message), other(service), ""}
	}
	for _, v := range o["spec"].(map[string]any)["validations"].([]any) {
		v := v.(map[string]any)
		message, _, _ := strings.Cut(v["message"].(string), ", saying ")
		if _, tried := rules[message]; strings.Contains(v["expression"].(string), "Signatures(") != tried {
			t.Errorf("taken away: %t, %s", tried, message)
		}
	}
	w.judge(t, trials)
}
