package fn_test

import (
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	registry = "registry.example.com/"
	fraud    = registry + "models/fraud"
	slsa     = "https://slsa.dev/provenance/v1"
)

var (
	release = testsign.ECDSA("release")
	ci      = testsign.ECDSA("ci")
	mallory = testsign.ECDSA("mallory")
)

// world is what the registry of the tests holds: models by URI, and what is
// attached to them. A test that names another URI names nothing.
func world() map[string]testsign.Published {
	v7, v8 := testsign.Kit("fraud", "7.0.0"), testsign.Kit("fraud", "8.0.0")
	iris, plain := testsign.Image("iris", "1.0.0", "onnx"), testsign.Image("plain", "1.0.0", "")
	nested := testsign.KitWith(map[string]any{"model": map[string]any{"path": fraud + ":v7"}})
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
		"kit://" + fraud + ":swapped":             about(v7, release.Bundle(v8.Digest()), release.Legacy(fraud, v8.Digest())),
		"kit://" + fraud + ":nested":              about(nested, release.Bundle(nested.Digest())),
		"kit://" + registry + "models/toy:copied": about(v7, release.Legacy(fraud, v7.Digest())),
		"kit://" + registry + "other/fraud:v7":    about(v7, release.Bundle(v7.Digest())),
		"oci://" + registry + "models/iris:v1":    about(iris, release.Bundle(iris.Digest())),
		"oci://" + registry + "models/plain:v1":   about(plain, release.Bundle(plain.Digest())),
	}
}
