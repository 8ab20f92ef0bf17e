package e2e_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestClassicPolicyOfKinds: Kyverno's older policies verify each kind of artifact
// that is served.
func TestClassicPolicyOfKinds(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newWorld(t, server, err)
	trials := map[string]classicTrial{}
	for _, kind := range publish.Kinds() {
		want := expectations[kind]
		if want.refused != "" || want.unservable != "" {
			continue
		}
		w.sample(t, kind, want, legacy)
		policy, services := w.guardedByOlder(t, w.older(t), spec{
			"model": w.uri(want.scheme+"://", "models/fraud:"+string(kind)), "format": spec{"name": servedAs(want)},
			"provenance": spec{"training-run-id": "8f2c"},
		})
		trials[string(kind)] = classicTrial{policy, services["fraud"], "", host.Counts{Pass: 3}, ""}
	}
	if len(trials) < 5 {
		t.Fatalf("only %d kinds are served", len(trials))
	}
	w.judgeClassic(t, trials)
}

// TestClassicPolicyOfCanary: in Knative mode a canary comes only beside what has been
// rolled out, which Kyverno's older policies see in the object that is replaced.
func TestClassicPolicyOfCanary(t *testing.T) {
	w := named(t)
	v7, v8 := w.kit(t, "v7"), w.kit(t, "v8")
	w.sign(t, legacy, v7, v8)
	policy, services := w.guardedByOlder(t, w.older(t), spec{
		"model": w.uri("kit://", "models/fraud:v7"), "provenance": spec{"training-run-id": "8f2c"},
		"canary": spec{"model": w.uri("kit://", "models/fraud:v8"), "weight": 10},
	})
	service := services["fraud"]
	// All of it, which the CLI cannot be told by leaving it out.
	alone := with(t, edit(t, service, func(p map[string]any) { p["canaryTrafficPercent"] = 100 }), "storageUri", "kit://"+v7.String())
	rolledOut := func(latest string) string {
		return alone + "status: {components: {predictor: {latestRolledoutRevision: a, latestCreatedRevision: " + latest + "}}}\n"
	}
	pass, fail := host.Counts{Pass: 3}, host.Counts{Pass: 2, Fail: 1}
	w.judgeClassic(t, map[string]classicTrial{
		"of nothing":             {policy, service, "", fail, rolledOutFirst},
		"of the stable version":  {policy, service, rolledOut("a"), pass, ""},
		"before that is ready":   {policy, service, rolledOut("b"), fail, rolledOutFirst},
		"promoted":               {policy, edit(t, service, promoted), service, pass, ""},
		"replaced by the stable": {policy, alone, service, pass, ""},
		"of what is no digest":   {policy, with(t, service, "storageUri", strings.Replace("kit://"+v8.String(), "@sha256:", "@sha256:0", 1)), rolledOut("a"), host.Counts{Fail: 1, Error: 4}, "checksum"},
	})
}
