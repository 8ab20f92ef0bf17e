package e2e_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestKyvernoJudgesKeys: the real Kyverno verifies what real cosigns sign with each
// kind of key, as long as it is told how that hashes; where it does not, no policy
// is rendered.
func TestKyvernoJudgesKeys(t *testing.T) {
	server, err := registry.Start()
	w := newWorld(t, server, err)
	for kind, test := range map[string]struct {
		key  func() (crypto.Signer, error)
		hash any // what Kyverno has to be told
		gap  string
	}{
		"P-256":    {ecdsaKey(elliptic.P256()), nil, ""},
		"P-384":    {ecdsaKey(elliptic.P384()), "sha384", ""},
		"P-521":    {ecdsaKey(elliptic.P521()), "sha512", ""},
		"RSA-2048": {rsaKey(2048), nil, ""},
		"RSA-4096": {rsaKey(4096), nil, ""},
		"Ed25519": {
			func() (crypto.Signer, error) {
				_, private, err := ed25519.GenerateKey(rand.Reader)
				return private, err
			}, nil, "policy-gap: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model: the key of release is Ed25519",
		},
	} {
		for _, how := range signings {
			t.Run(kind+" "+how.name, func(t *testing.T) {
				w := w
				private, err := test.key()
				if err != nil {
					t.Fatal(err)
				}
				der, err := x509.MarshalPKCS8PrivateKey(private)
				if err != nil {
					t.Fatal(err)
				}
				tag := "key-" + kind + "-" + how.name
				w.key, err = w.publisher.ImportKey(t.Context(), tag, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
				if err != nil {
					t.Fatal(err)
				}
				w.sign(t, how, w.kit(t, tag))
				platform := w.platform(t)
				if test.gap != "" {
					wantGap(t, w, tag, test.gap)
					// Without that it would be stuck: such a policy refuses the signature.
					platform["spec"].(map[string]any)["policy"] = map[string]any{"engine": "None"}
				}
				app := directory(t, platform, map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:"+tag)}})
				w.lock(t, app)
				rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
				service := toYAML(t, rendered["InferenceService ml-serving/fraud"])
				if test.gap != "" {
					counts, output := w.kyverno(t, asking(t, w, how), service)
					if counts != (host.Counts{Fail: 1}) {
						t.Errorf("want fail: 1, got %+v\n%s", counts, output)
					}
					return
				}
				policy := rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"]
				if got := keyOf(policy)["hashAlgorithm"]; got != test.hash {
					t.Errorf("hashAlgorithm %v, want %v", got, test.hash)
				}
				trials := map[string]trial{"as rendered": {toYAML(t, policy), service, ""}}
				if test.hash != nil {
					delete(keyOf(policy), "hashAlgorithm")
					trials["not told how it hashes"] = trial{toYAML(t, policy), service, "the model must be signed by release"}
				}
				w.judge(t, trials)
			})
		}
	}
}

func ecdsaKey(curve elliptic.Curve) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(curve, rand.Reader) }
}

func rsaKey(bits int) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, bits) }
}

// wantGap: Kyverno's policy would be stuck, so there is none.
func wantGap(t *testing.T, w world, tag, gap string) {
	t.Helper()
	app := directory(t, w.platform(t), map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:"+tag)}})
	w.lock(t, app)
	wantRefusal(t, w.run(t, app, "build"), 1, gap)
}

// asking is a policy that lets in what the world's key has signed, whatever it is.
func asking(t *testing.T, w world, how signing) string {
	t.Helper()
	public, err := w.key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	check := "verifyImageSignatures(i, [attestors.release]) > 0"
	if how.name == bundle.name {
		check = "verifyAttestationSignatures(i, attestations.signature, [attestors.release]) > 0"
	}
	raw, err := yaml.Marshal(object{
		"apiVersion": "policies.kyverno.io/v1", "kind": "NamespacedImageValidatingPolicy",
		"metadata": map[string]any{"name": "asking", "namespace": "ml-serving"},
		"spec": map[string]any{
			"validationActions": []any{"Deny"},
			"credentials":       map[string]any{"allowInsecureRegistry": true},
			"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
				"apiGroups": []any{"serving.kserve.io"}, "apiVersions": []any{"v1beta1"},
				"operations": []any{"CREATE", "UPDATE"}, "resources": []any{"inferenceservices"},
			}}},
			"matchImageReferences": []any{map[string]any{"glob": w.server.Host() + "/*"}},
			"images":               []any{map[string]any{"name": "model", "expression": "[object.spec.predictor.model.storageUri.split('://')[1]]"}},
			"attestors": []any{map[string]any{"name": "release", "cosign": map[string]any{
				"key": map[string]any{"data": public}, "ctlog": map[string]any{"insecureIgnoreTlog": true, "insecureIgnoreSCT": true},
			}}},
			"attestations": []any{map[string]any{"name": "signature", "intoto": map[string]any{"type": testsign.SignPredicate}}},
			"validations":  []any{map[string]any{"message": "not signed", "expression": "images.model.size() == 1 && images.model.all(i, " + check + ")"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// keyOf is the key of a policy's only attestor.
func keyOf(policy object) map[string]any {
	attestor := policy["spec"].(map[string]any)["attestors"].([]any)[0]
	return attestor.(map[string]any)["cosign"].(map[string]any)["key"].(map[string]any)
}

// TestKyvernoJudgesOlderKeys: signers before cosign v2.6 hashed with SHA-256
// whatever the curve, and Ed25519 as it is; the policy says how each signature was
// made.
func TestKyvernoJudgesOlderKeys(t *testing.T) {
	modelfn := newJudges(t).modelfn
	server := testsign.NewRegistry(t, true)
	for name, key := range map[string]testsign.Key{
		"P-384 with SHA-256": testsign.P384("release", crypto.SHA256), "Ed25519": testsign.Ed25519("release"),
	} {
		for format, bundled := range map[string]bool{"legacy": false, "bundle": true} {
			t.Run(name+" "+format, func(t *testing.T) {
				kit := testsign.Kit("fraud", name+format)
				repository := "models/fraud"
				server.Push(t, repository, "v1", kit)
				if bundled {
					server.Attach(t, repository, kit.Digest(), key.Bundle(kit.Digest()))
				} else {
					server.Attach(t, repository, kit.Digest(), key.Legacy(server.Host+"/"+repository, kit.Digest()))
				}
				platform := keylessPlatform(server.Host)
				spec0 := platform["spec"].(map[string]any)
				delete(spec0, "policy")
				spec0["trust"].([]any)[0].(map[string]any)["authorities"] = []any{map[string]any{"name": "release", "key": map[string]any{"pem": key.PEM()}}}
				app := directory(t, platform, map[string]spec{"fraud": {"model": "kit://" + server.Host + "/models/fraud:v1"}})
				run := func(args ...string) string {
					return stdout(t, host.Run(t, host.Command{Path: modelfn, Args: args, Dir: app}))
				}
				run("lock")
				rendered := parseObjects(t, run("build"))
				policy := rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"]
				dir := t.TempDir()
				write(t, dir+"/policy.yaml", toYAML(t, policy))
				write(t, dir+"/service.yaml", toYAML(t, rendered["InferenceService ml-serving/fraud"]))
				if counts, output := host.Kyverno(t, dir+"/policy.yaml", dir+"/service.yaml", nil); counts != (host.Counts{Pass: 1}) {
					t.Errorf("want pass: 1, got %+v\n%s", counts, output)
				}
			})
		}
	}
}
