package fn_test

import (
	"crypto"
	"maps"
	"sync"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	registry = "registry.example.com/"
	fraud    = registry + "models/fraud"
	base0    = registry + "models/base@"
	images0  = registry + "images/"
	slsa     = "https://slsa.dev/provenance/v1"
)

var (
	release = testsign.ECDSA("release")
	ci      = testsign.ECDSA("ci")
	mallory = testsign.ECDSA("mallory")
	long    = testsign.P384("release", crypto.SHA384)
	longest = testsign.P521("ci")
	scanner = testsign.ECDSA("scanner")
	// forFraud is a signature that says what it is for.
	forFraud = testsign.Says{Annotations: map[string]string{"modelfn.dev/model": "fraud", "modelfn.dev/repository": fraud}}

	local = testsign.NewSigstore("local")
	// train is a workflow that signs without a key of its own.
	train = local.Keyless(testsign.Identity{
		Issuer:           "https://token.actions.githubusercontent.com",
		Subject:          "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main",
		SourceRepository: "https://github.com/acme/models",
	})
)

// company signs under a certificate of its own authority, and shows a timestamp
// instead of an entry in a log.
func company() testsign.Logged {
	key := testsign.ECDSA("acme release")
	issuing := testsign.NewCA("acme").Issuing("acme issuing")
	l := local.Certified(key, issuing.Leaf(key, "release@acme.example"), issuing.Certificate)
	l.WithoutLog, l.Timestamped, l.WithChain = true, true, true
	return l
}

// world is what the registry of the tests holds: models by URI, and what is
// attached to them. A test that names another URI names nothing.
func world() map[string]testsign.Published { return maps.Clone(published()) }

var published = sync.OnceValue(func() map[string]testsign.Published {
	v7, v8 := testsign.Kit("fraud", "7.0.0"), testsign.Kit("fraud", "8.0.0")
	iris, plain := testsign.Image("iris", "1.0.0", "onnx"), testsign.Image("plain", "1.0.0", "")
	nested := testsign.KitWith(map[string]any{"model": map[string]any{"path": fraud + ":v7"}})
	base, foreign := testsign.Kit("base", "1.0.0"), testsign.Kit("base", "2.0.0")
	tuned := testsign.Tuned("tuned", "1.0.0", base0+string(base.Digest()))
	twice := testsign.Tuned("twice", "1.0.0", fraud+"@"+string(tuned.Digest()))
	onUnsigned := testsign.Tuned("tuned", "2.0.0", base0+string(foreign.Digest()))
	elsewhere := testsign.Tuned("tuned", "3.0.0", registry+"other/base@"+string(base.Digest()))
	pack, artifact0 := testsign.Pack("assistant", "1.0.0", "huggingface"), testsign.Plain()
	index := testsign.Index([]string{"linux/amd64", "linux/arm64"}, iris, testsign.Image("iris", "1.0.1", "onnx"))
	guard, guard2, shape := testsign.Image("guard", "1.0.0", ""), testsign.Image("guard", "2.0.0", ""), testsign.Image("shape", "1.0.0", "")
	llama, llama2 := testsign.Image("llama", "1.0.0", ""), testsign.Image("llama", "2.0.0", "")
	many := testsign.Index([]string{"linux/amd64", "linux/arm64"}, shape, testsign.Image("shape", "1.0.1", ""))
	weights := testsign.File{Path: "model.onnx", Content: "weights"}
	files := testsign.RawPack("fraud", "onnx", weights)
	iris2, pack2 := testsign.Image("iris", "2.0.0", "onnx"), testsign.Pack("assistant", "2.0.0", "huggingface")
	index2 := testsign.Index([]string{"linux/amd64", "linux/arm64"}, iris2, testsign.Image("iris", "2.0.1", "onnx"))
	about := func(m testsign.Model, evidence ...artifact.Evidence) testsign.Published {
		return testsign.Published{Model: m, Evidence: evidence}
	}
	return map[string]testsign.Published{
		"kit://" + fraud + ":v7":                  about(v7, release.Legacy(fraud, v7.Digest())),
		"kit://" + fraud + ":v8":                  about(v8, release.Bundle(v8.Digest())),
		"kit://" + fraud + ":both":                about(v7, release.Bundle(v7.Digest()), release.Legacy(fraud, v7.Digest())),
		"kit://" + fraud + ":two":                 about(v8, release.Bundle(v8.Digest()), ci.Bundle(v8.Digest())),
		"kit://" + fraud + ":mixed":               about(v8, release.Bundle(v8.Digest()), ci.Legacy(fraud, v8.Digest())),
		"kit://" + fraud + ":unsigned":            about(testsign.Kit("fraud", "9.0.0")),
		"kit://" + fraud + ":stranger":            about(v7, mallory.Bundle(v7.Digest()), mallory.Legacy(fraud, v7.Digest())),
		"kit://" + fraud + ":attested":            about(v7, release.Attestation(v7.Digest(), slsa)),
		"kit://" + fraud + ":evaluated":           about(v7, release.Legacy(fraud, v7.Digest()), scanner.Attest(v7.Digest(), testsign.Scored(0.95))),
		"kit://" + fraud + ":evaluated-bundle":    about(v7, release.Bundle(v7.Digest()), scanner.Attest(v7.Digest(), testsign.Scored(0.95)), scanner.LegacyAttest(v7.Digest(), testsign.Scored(0.96))),
		"kit://" + fraud + ":evaluated-legacy":    about(v7, release.Bundle(v7.Digest()), scanner.LegacyAttest(v7.Digest(), testsign.Scored(0.95))),
		"kit://" + fraud + ":p384":                about(v7, long.Bundle(v7.Digest())),
		"kit://" + fraud + ":p521":                about(v8, longest.Legacy(fraud, v8.Digest())),
		"kit://" + fraud + ":ed25519":             about(v7, testsign.Ed25519ph("release").Bundle(v7.Digest())),
		"kit://" + fraud + ":weak":                about(v7, release.Legacy(fraud, v7.Digest()), scanner.LegacyAttest(v7.Digest(), testsign.Scored(0.87))),
		"kit://" + fraud + ":three":               about(v7, release.Bundle(v7.Digest()), train.Bundle(v7.Digest()), local.Keyed(ci).Bundle(v7.Digest())),
		"kit://" + fraud + ":bound":               about(v8, release.Attest(v8.Digest(), forFraud)),
		"kit://" + fraud + ":keyless":             about(v7, train.Bundle(v7.Digest())),
		"kit://" + fraud + ":keyless-legacy":      about(v7, train.Legacy(fraud, v7.Digest())),
		"kit://" + fraud + ":x509":                about(v7, company().Bundle(v7.Digest())),
		"kit://" + fraud + ":logged":              about(v7, local.Keyed(release).Bundle(v7.Digest())),
		"kit://" + fraud + ":files":               about(files, release.ModelSignature(weights)),
		"kit://" + fraud + ":files-cosign":        about(files, release.ModelSignature(weights), release.Bundle(files.Digest())),
		"kit://" + fraud + ":files-archived":      about(v7, release.ModelSignature(weights)),
		"kit://" + fraud + ":swapped":             about(v7, release.Bundle(v8.Digest()), release.Legacy(fraud, v8.Digest())),
		"kit://" + fraud + ":nested":              about(nested, release.Bundle(nested.Digest())),
		"kit://" + registry + "models/toy:copied": about(v7, release.Legacy(fraud, v7.Digest())),
		"kit://" + registry + "other/fraud:v7":    about(v7, release.Bundle(v7.Digest())),
		"kit://" + registry + "models/base:v1":    about(base, release.Bundle(base.Digest())),
		"kit://" + registry + "models/base:v2":    about(foreign),
		"kit://" + registry + "other/base:v1":     about(base, release.Bundle(base.Digest())),
		"kit://" + fraud + ":tuned":               about(tuned, release.Bundle(tuned.Digest())),
		"kit://" + fraud + ":twice":               about(twice, release.Bundle(twice.Digest())),
		"kit://" + fraud + ":on-unsigned":         about(onUnsigned, release.Bundle(onUnsigned.Digest())),
		"kit://" + fraud + ":elsewhere":           about(elsewhere, release.Bundle(elsewhere.Digest())),
		"oci://" + fraud + ":v7":                  about(v7, release.Legacy(fraud, v7.Digest())),
		fraud + ":v7":                             about(v7, release.Legacy(fraud, v7.Digest())),
		"kit://" + registry + "models/pack:v1":    about(pack, release.Bundle(pack.Digest())),
		"kit://" + registry + "models/pack:v2":    about(pack2, release.Bundle(pack2.Digest())),
		"oci://" + registry + "models/index:v1":   about(index, release.Bundle(index.Digest())),
		"oci://" + registry + "models/index:v2":   about(index2, release.Bundle(index2.Digest())),
		"oci://" + registry + "models/other:v1":   about(artifact0, release.Bundle(artifact0.Digest())),
		"kit://" + registry + "dev/fraud:v9":      about(testsign.Kit("fraud", "9.0.0")),
		"oci://" + registry + "models/iris:v1":    about(iris, release.Bundle(iris.Digest())),
		"oci://" + registry + "models/iris:v2":    about(iris2, release.Bundle(iris2.Digest())),
		"oci://" + registry + "models/plain:v1":   about(plain, release.Bundle(plain.Digest())),
		"oci://" + registry + "models/llama:v1":   about(llama, release.Bundle(llama.Digest())),
		"oci://" + registry + "models/llama:v2":   about(llama2, release.Bundle(llama2.Digest())),
		images0 + "guard:v1":                      about(guard, release.Legacy(images0+"guard", guard.Digest())),
		images0 + "guard:v2":                      about(guard2, release.Bundle(guard2.Digest())),
		images0 + "guard:again":                   about(guard, release.Legacy(images0+"guard", guard.Digest())),
		images0 + "guard:unsigned":                about(testsign.Image("guard", "3.0.0", "")),
		images0 + "guard:mixed":                   about(guard, release.Bundle(guard.Digest()), ci.Legacy(images0+"guard", guard.Digest())),
		images0 + "many:v1":                       about(many, release.Bundle(many.Digest())),
		images0 + "kit:v1":                        about(v7, release.Bundle(v7.Digest())),
		"oci://" + images0 + "shape:v1":           about(shape, ci.Bundle(shape.Digest())),
		registry + "tools/proxy:v3":               about(testsign.Image("proxy", "3.0.0", "")),
		registry + "other/proxy:v3":               about(testsign.Image("proxy", "3.0.0", "")),
	}
})
