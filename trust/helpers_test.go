package trust_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const repository = "registry.example.com/models/fraud"

var (
	release = testsign.ECDSA("release")
	ci      = testsign.ECDSA("ci")
	mallory = testsign.ECDSA("mallory")
	kit     = testsign.Kit("fraud", "7.0.0")
	other   = testsign.Kit("fraud", "8.0.0")
)

// pin makes a pinned Artifact of a model in a repository.
func pin(t testing.TB, repository string, m testsign.Model) artifact.Artifact {
	t.Helper()
	ref, err := artifact.ParseReference("kit://" + repository + ":v7")
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{m.Entry(ref.String())}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return pinned.Artifact
}

func authority(name string, key testsign.Key) v1alpha1.Authority {
	return v1alpha1.Authority{Name: name, Key: &v1alpha1.Key{PEM: key.PEM()}}
}

// rule is a trust rule for everything in the registry.
func rule(threshold int, authorities ...v1alpha1.Authority) v1alpha1.TrustRule {
	return v1alpha1.TrustRule{Match: []string{"registry.example.com/**"}, Threshold: threshold, Authorities: authorities}
}

func compile(t testing.TB, rules ...v1alpha1.TrustRule) trust.Policy {
	t.Helper()
	policy, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: rules})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return policy
}

// signers writes a verdict's signers as name/format.
func signers(v trust.Verdict) string {
	var out []string
	for _, s := range v.Signers() {
		out = append(out, s.Authority.Name+"/"+string(s.Format))
	}
	return strings.Join(out, " ")
}
