package e2e_test

import (
	"crypto"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestClassicPolicyCounts: Kyverno's older policies demand as many distinct signers
// as the platform, with each kind of key, however it hashes.
func TestClassicPolicyCounts(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	server := testsign.NewRegistry(t, true)
	keys := map[string]testsign.Key{
		"release": testsign.P384("release", crypto.SHA384), "ci": testsign.RSA("ci", 2048), "old": testsign.Ed25519("old"),
	}
	push := func(name string, by ...string) artifact.Digest {
		kit := testsign.Kit("fraud", name)
		server.Push(t, "models/fraud", name, kit)
		var evidence []artifact.Evidence
		for _, signer := range by {
			evidence = append(evidence, keys[signer].Legacy(server.Host+"/models/fraud", kit.Digest()))
		}
		server.Attach(t, "models/fraud", kit.Digest(), evidence...)
		return kit.Digest()
	}
	good, one := push("good", "release", "old"), push("one", "release")
	twice := push("twice", "release", "release")
	platform := keylessPlatform(server.Host)
	settings := platform["spec"].(map[string]any)
	settings["policy"] = map[string]any{"engine": "KyvernoClusterPolicy"}
	rule := settings["trust"].([]any)[0].(map[string]any)
	var authorities []any
	for _, name := range []string{"release", "ci", "old"} {
		authorities = append(authorities, map[string]any{"name": name, "key": map[string]any{"pem": keys[name].PEM()}})
	}
	rule["authorities"], rule["threshold"] = authorities, 2
	app := directory(t, platform, map[string]spec{"fraud": {"model": "kit://" + server.Host + "/models/fraud:good"}})
	run := func(args ...string) string {
		return stdout(t, host.Run(t, host.Command{Path: modelfn, Args: args, Dir: app}))
	}
	run("lock")
	rendered := parseObjects(t, run("build"))
	policy, service := toYAML(t, rendered["Policy ml-serving/modelfn-fraud"]), toYAML(t, rendered["InferenceService ml-serving/fraud"])
	other := func(text string, digest artifact.Digest) string {
		return strings.ReplaceAll(text, string(good), string(digest))
	}
	if got := strings.Count(policy, "signatureAlgorithm: sha384"); got != 2 {
		t.Errorf("SHA-384 is said %d times, want 2:\n%s", got, policy)
	}
	judgeClassic(t, nil, map[string]classicTrial{
		"as rendered":            {policy, service, "", host.Counts{Pass: 3}, ""},
		"signed by one":          {other(policy, one), other(service, one), "", host.Counts{Pass: 1, Fail: 2}, classicUnsigned},
		"signed by one twice":    {other(policy, twice), other(service, twice), "", host.Counts{Pass: 1, Fail: 2}, classicUnsigned},
		"not told how it hashes": {strings.ReplaceAll(policy, "sha384", "sha256"), service, "", host.Counts{Pass: 1, Fail: 2}, classicUnsigned},
	})
}
