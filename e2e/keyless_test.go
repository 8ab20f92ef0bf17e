package e2e_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/internal/testsign"
)

// train is a workflow that a local Sigstore certifies; cosign offers no way to
// sign as one without an issuer of tokens.
var (
	sigstore = testsign.NewSigstore("local")
	train    = testsign.Identity{
		Issuer: "https://token.actions.githubusercontent.com", SourceRepository: "https://github.com/acme/models",
		Subject: "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main",
	}
)

// TestKeylessBeforeCosign puts the same evidence before modelfn and both
// cosigns. Where they differ, docs/trust.md says why.
func TestKeylessBeforeCosign(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	cosigns := map[string]string{}
	for _, name := range []string{peer.Cosign2, peer.Cosign3} {
		if cosigns[name], err = peer.Path(name); err != nil {
			t.Fatal(err)
		}
	}
	server := testsign.NewRegistry(t, true)
	dir := t.TempDir()
	root := filepath.Join(dir, "root.json")
	write(t, root, sigstore.TrustedRoot())
	signer := sigstore.Keyless(train)
	stamped := signer
	stamped.Timestamped, stamped.WithoutPromise = true, true
	unlogged := signer
	unlogged.WithoutLog = true
	late := signer
	late.At = late.Issued.AddDate(0, 0, 1)
	stranger := testsign.NewSigstore("stranger").Keyless(train)
	evil := train
	evil.Subject = "https://evil.example/?" + train.Subject

	for name, test := range map[string]struct {
		evidence func(repository string, digest artifact.Digest) artifact.Evidence
		modelfn  string // why modelfn refuses it
		cosign   bool   // whether both cosigns accept it
	}{
		"bundle":      {func(_ string, d artifact.Digest) artifact.Evidence { return signer.Bundle(d) }, "", true},
		"legacy":      {signer.Legacy, "", true},
		"timestamped": {func(_ string, d artifact.Digest) artifact.Evidence { return stamped.Bundle(d) }, "", true},
		"unlogged":    {func(_ string, d artifact.Digest) artifact.Evidence { return unlogged.Bundle(d) }, "not enough verified log entries", false},
		"late":        {func(_ string, d artifact.Digest) artifact.Evidence { return late.Bundle(d) }, "integrated time outside certificate validity", false},
		"stranger":    {func(_ string, d artifact.Digest) artifact.Evidence { return stranger.Bundle(d) }, "not enough verified log entries", false},
		// cosign v2 does not refuse this one: it crashes.
		"number": {func(r string, d artifact.Digest) artifact.Evidence { return numericBody(signer.Legacy(r, d)) }, "cannot unmarshal number", false},
		// Known differences.
		"attestation": {func(_ string, d artifact.Digest) artifact.Evidence {
			return signer.Attestation(d, "https://slsa.dev/provenance/v1")
		}, "is no signature", true},
		"copied": {func(_ string, d artifact.Digest) artifact.Evidence {
			return signer.Legacy(server.Host+"/models/toy", d)
		}, "about another repository", true},
		"inside": {func(_ string, d artifact.Digest) artifact.Evidence { return sigstore.Keyless(evil).Bundle(d) }, "does not match", true},
	} {
		t.Run(name, func(t *testing.T) {
			kit := testsign.Kit("fraud", name)
			repository := "models/" + name
			server.Push(t, repository, "v1", kit)
			e := test.evidence(server.Host+"/"+repository, kit.Digest())
			server.Attach(t, repository, kit.Digest(), e)

			app := t.TempDir()
			writeYAML(t, filepath.Join(app, "platform.yaml"), keylessPlatform(server.Host))
			writeYAML(t, filepath.Join(app, "fraud.yaml"), map[string]any{
				"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelDeployment", "metadata": map[string]any{"name": "fraud", "namespace": "ml-serving"},
				"spec": map[string]any{"model": "kit://" + server.Host + "/" + repository + ":v1"},
			})
			got := host.Run(t, host.Command{Path: modelfn, Args: []string{"lock", app}})
			if (got.ExitCode == 0) != (test.modelfn == "") || !strings.Contains(got.Stderr, test.modelfn) {
				t.Errorf("modelfn: exit %d, want a refusal with %q\n%s", got.ExitCode, test.modelfn, got.Stderr)
			}
			for cosign, path := range cosigns {
				args := []string{
					"verify", "--allow-insecure-registry", "--allow-http-registry", "--trusted-root", root,
					"--certificate-identity-regexp", "https://github.com/acme/", "--certificate-oidc-issuer", train.Issuer,
				}
				if bundle := e.IsBundle(); bundle != (cosign == peer.Cosign3) { // what it does not expect by itself
					args = append(args, map[bool]string{true: "--new-bundle-format", false: "--new-bundle-format=false"}[bundle])
				}
				if name == "timestamped" {
					args = append(args, "--use-signed-timestamps")
				}
				got := host.Run(t, host.Command{Path: path, Args: append(args, server.Host+"/"+repository+"@"+string(kit.Digest()))})
				if (got.ExitCode == 0) != test.cosign {
					t.Errorf("%s: exit %d, want it to accept: %t\n%s", cosign, got.ExitCode, test.cosign, got.Stderr)
				}
			}
		})
	}
}

// numericBody puts a number where the log's answer has a text.
func numericBody(e artifact.Evidence) artifact.Evidence {
	e.Data = loggedBody.ReplaceAll(e.Data, []byte(`\"body\":1`))
	return e
}

var loggedBody = regexp.MustCompile(`\\"body\\":\\"[^"\\]+\\"`)

// keylessPlatform trusts what acme's repositories sign.
func keylessPlatform(registry string) map[string]any {
	return map[string]any{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelPlatform", "metadata": map[string]any{"name": "prod"},
		"spec": map[string]any{
			"registries": []any{map[string]any{"host": registry, "plainHTTP": true}},
			"trust": []any{map[string]any{
				"match": []any{registry + "/models/*"}, "authorities": []any{byTrain("ci")},
			}},
			"policy": map[string]any{"engine": "None"},
		},
	}
}

// byTrain is an authority: what acme's repositories sign.
func byTrain(name string) map[string]any {
	return map[string]any{
		"name": name, "trustedRoot": sigstore.TrustedRoot(),
		"keyless": map[string]any{
			"issuer": train.Issuer, "sourceRepository": train.SourceRepository,
			"subjectRegExp": "https://github\\.com/acme/.*",
		},
	}
}

func writeYAML(t *testing.T, path string, value any) {
	t.Helper()
	content, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(content))
}
