package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const (
	mustBeEvaluated = " must be attested by evaluator: " + evaluationType
	mustBeBuilt     = "the model must be attested by builder: " + buildType
	mustBeSigned    = " must be signed by release"
)

// TestKyvernoJudgesAttestations: the real Kyverno demands what the platform wants
// to be attested, of the digest, by the authority that may, and as its rules say:
// beside the model, and for the platform as a whole.
func TestKyvernoJudgesAttestations(t *testing.T) {
	for _, scope := range []string{"Model", "Platform"} {
		t.Run(scope, func(t *testing.T) { judgeAttestations(t, scope) })
	}
}

func judgeAttestations(t *testing.T, scope string) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newTeam(t, server, err)
	evaluation, build := sayings[0], sayings[1]
	evaluated := func(t *testing.T, kit name.Digest, auc float64) {
		w.attest(t, attest3, "evaluator", kit, evaluationType, scored(auc))
	}
	built := func(t *testing.T, kit name.Digest) { w.attest(t, attest3, "builder", kit, build.word, build.predicate) }
	good := w.kit(t, "good")
	w.sign(t, bundle, good)
	evaluated(t, good, 0.95)
	built(t, good)

	platform := w.demands(t, evaluation, build)
	platform["spec"].(map[string]any)["policy"] = map[string]any{"scope": scope}
	app := directory(t, platform, map[string]spec{"fraud": {
		"model": w.uri("kit://", "models/fraud:good"), "provenance": map[string]any{"training-run-id": "8f2c"},
	}})
	w.lock(t, app)
	rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
	policies := rendered
	if scope == "Platform" {
		policies = w.baseline(t, platform)
	}
	policy := toYAML(t, policies[map[string]string{
		"Model": "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud", "Platform": "ImageValidatingPolicy <nil>/modelfn-trust-0",
	}[scope]])
	service := toYAML(t, rendered["InferenceService ml-serving/fraud"])

	trials := map[string]trial{
		"as rendered":          {policy, service, ""},
		"another training run": {policy, strings.Replace(service, "8f2c", "9a1b", 1), mustBeBuilt},
		"none stated":          {policy, strings.Replace(service, "modelfn.dev/training-run-id", "example.com/run", 1), ""},
	}
	for name, prepare := range map[string]struct {
		reason  string
		prepare func(t *testing.T, kit name.Digest)
	}{
		"everything once more": {"", func(t *testing.T, kit name.Digest) { w.sign(t, bundle, kit); evaluated(t, kit, 0.93); built(t, kit) }},
		"only a signature":     {mustBeEvaluated, func(t *testing.T, kit name.Digest) { w.sign(t, bundle, kit) }},
		"only attestations":    {mustBeSigned, func(t *testing.T, kit name.Digest) { evaluated(t, kit, 0.95); built(t, kit) }},
		"no evaluation":        {mustBeEvaluated, func(t *testing.T, kit name.Digest) { w.sign(t, bundle, kit); built(t, kit) }},
		"not built":            {mustBeBuilt, func(t *testing.T, kit name.Digest) { w.sign(t, bundle, kit); evaluated(t, kit, 0.95) }},
		"evaluated worse":      {mustBeEvaluated, func(t *testing.T, kit name.Digest) { w.sign(t, bundle, kit); evaluated(t, kit, 0.87); built(t, kit) }},
		"evaluated by a stranger": {mustBeEvaluated, func(t *testing.T, kit name.Digest) {
			w.sign(t, bundle, kit)
			built(t, kit)
			w.attest(t, attest3, "stranger", kit, evaluationType, scored(1))
		}},
		"evaluated by the builder": {mustBeEvaluated, func(t *testing.T, kit name.Digest) {
			w.sign(t, bundle, kit)
			built(t, kit)
			w.attest(t, attest3, "builder", kit, evaluationType, scored(1))
		}},
		"another type": {mustBeEvaluated, func(t *testing.T, kit name.Digest) {
			w.sign(t, bundle, kit)
			built(t, kit)
			w.attest(t, attest3, "evaluator", kit, evaluationType+"/draft", scored(1))
		}},
		"evaluated elsewhere": {mustBeEvaluated, func(t *testing.T, kit name.Digest) {
			other := w.kit(t, "other")
			evaluated(t, other, 1)
			if err := w.publisher.Copy(t.Context(), "models/fraud:"+attest3.place(other), "models/fraud:"+attest3.place(kit)); err != nil {
				t.Fatal(err)
			}
			w.sign(t, bundle, kit)
			built(t, kit)
		}},
		"signed by who may only attest": {mustBeSigned, func(t *testing.T, kit name.Digest) {
			if err := w.publisher.SignBundle(t.Context(), w.keys["evaluator"], kit); err != nil {
				t.Fatal(err)
			}
			evaluated(t, kit, 0.95)
			built(t, kit)
		}},
	} {
		kit := w.kit(t, strings.ReplaceAll(name, " ", "-"))
		prepare.prepare(t, kit)
		other := func(text string) string { return strings.ReplaceAll(text, good.DigestStr(), kit.DigestStr()) }
		trials[name] = trial{other(policy), other(service), prepare.reason}
		if reason := prepare.reason; reason == mustBeBuilt || reason == mustBeEvaluated && name != "only a signature" {
			// What refuses it is that very demand, which no other makes up for.
			trials[name+" where nobody asks"] = trial{without(t, other(policy), reason), other(service), ""}
		}
	}
	w.judge(t, trials)
}

// without is a policy that lacks one of its validations.
func without(t *testing.T, policy, message string) string {
	t.Helper()
	var o object
	if err := yaml.Unmarshal([]byte(policy), &o); err != nil {
		t.Fatal(err)
	}
	spec := o["spec"].(map[string]any)
	all := spec["validations"].([]any)
	spec["validations"] = slices.DeleteFunc(slices.Clone(all), func(v any) bool {
		return strings.Contains(v.(map[string]any)["message"].(string), message)
	})
	if got := len(spec["validations"].([]any)); got != len(all)-1 {
		t.Fatalf("%d of %d validations are left without %q", got, len(all), message)
	}
	return toYAML(t, o)
}
