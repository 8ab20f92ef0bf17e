package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestClassicPolicyOfAttestations: Kyverno's older policies demand that the digest is
// attested, in cosign's older format, by whom the platform wants; what it cannot
// judge of that is named.
func TestClassicPolicyOfAttestations(t *testing.T) {
	server, err := registry.StartNamed("registry.example.com")
	w := newTeam(t, server, err)
	evaluated := func(t *testing.T, by, word string, kit name.Digest) {
		w.attest(t, attestLegacy, by, kit, word, scored(0.95))
	}
	good := w.kit(t, "good")
	w.sign(t, legacy, good)
	evaluated(t, "evaluator", evaluationType, good)

	platform := w.demands(t, sayings[0])
	settings := platform["spec"].(map[string]any)
	settings["policy"] = map[string]any{"engine": "KyvernoClusterPolicy"}
	delete(settings, "provenance")
	deployment := spec{"model": w.uri("kit://", "models/fraud:good"), "provenance": spec{"training-run-id": "8f2c"}}
	app := directory(t, platform, map[string]spec{"fraud": deployment})
	w.lock(t, app)
	wantRefusal(t, w.run(t, app, "build"), 1, `policy-gap: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model: Kyverno's older policies cannot judge rule "`+goodEnough+`"`)

	rule := settings["trust"].([]any)[0].(map[string]any)
	delete(rule["attestations"].([]any)[0].(map[string]any), "rules")
	policy, services := w.guardedByOlder(t, platform, deployment)
	unproved := host.Counts{Pass: 1, Fail: 2}
	const missing = "image attestations verification failed"
	trials := map[string]classicTrial{"as rendered": {policy, services["fraud"], "", host.Counts{Pass: 3}, ""}}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, kit name.Digest)
		want    host.Counts
		reason  string
	}{
		"everything once more": {func(t *testing.T, kit name.Digest) {
			w.sign(t, legacy, kit)
			evaluated(t, "evaluator", evaluationType, kit)
		}, host.Counts{Pass: 3}, ""},
		"another attestation besides": {func(t *testing.T, kit name.Digest) {
			w.sign(t, legacy, kit)
			evaluated(t, "stranger", evaluationType, kit)
			evaluated(t, "evaluator", evaluationType, kit)
		}, host.Counts{Pass: 3}, ""},
		"only a signature":   {func(t *testing.T, kit name.Digest) { w.sign(t, legacy, kit) }, unproved, missing},
		"only an evaluation": {func(t *testing.T, kit name.Digest) { evaluated(t, "evaluator", evaluationType, kit) }, unproved, classicUnsigned},
		"by a stranger": {func(t *testing.T, kit name.Digest) {
			w.sign(t, legacy, kit)
			evaluated(t, "stranger", evaluationType, kit)
		}, unproved, missing},
		"another type": {func(t *testing.T, kit name.Digest) {
			w.sign(t, legacy, kit)
			evaluated(t, "evaluator", evaluationType+"/draft", kit)
		}, unproved, missing},
		"of another digest": {func(t *testing.T, kit name.Digest) {
			w.sign(t, legacy, kit)
			if err := w.publisher.Copy(t.Context(), "models/fraud:"+attestLegacy.place(good), "models/fraud:"+attestLegacy.place(kit)); err != nil {
				t.Fatal(err)
			}
		}, unproved, missing},
	} {
		kit := w.kit(t, strings.ReplaceAll(name, " ", "-"))
		c.prepare(t, kit)
		other := func(text string) string { return strings.ReplaceAll(text, good.DigestStr(), kit.DigestStr()) }
		trials[name] = classicTrial{other(policy), other(services["fraud"]), "", c.want, c.reason}
	}
	w.judgeClassic(t, trials)
}
