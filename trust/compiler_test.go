package trust_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestCompilerRemembers: what a rule has heard it knows of that artifact alone, for
// those bytes alone, wherever they stand among others.
func TestCompilerRemembers(t *testing.T) {
	spec := v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(1, authority("release", release))}}
	var c trust.Compiler
	remembering, errs := c.Compile(spec)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	model, other := pin(t, repository, kit), pin(t, repository, testsign.Kit("other", "2.0.0"))
	good, bad := release.Bundle(kit.Digest()), mallory.Bundle(kit.Digest())
	broken := artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte("{}")}
	for range 2 {
		for _, a := range []artifact.Artifact{model, other} {
			for _, evidence := range [][]artifact.Evidence{
				{good}, {bad}, {bad, good}, {good, bad}, {broken, good}, {release.Legacy(repository, kit.Digest())}, {broken}, nil,
				{{MediaType: artifact.TypeLegacy, Data: good.Data}}, {release.Bundle(other.Digest()), good},
			} {
				want, got := compile(t, spec.Trust...).Verify(a, evidence), remembering.Verify(a, evidence)
				if diff := cmp.Diff(
					[]any{want.Trusted(a), want.Reason(), signers(want), want.Counted()},
					[]any{got.Trusted(a), got.Reason(), signers(got), got.Counted()},
				); diff != "" {
					t.Errorf("%s, %d pieces (-fresh +remembered):\n%s", a.Identity(), len(evidence), diff)
				}
			}
		}
	}
}

// TestCompilerCompilesOnce: platforms with one policy share its rules, and no others.
func TestCompilerCompilesOnce(t *testing.T) {
	spec := func(threshold int) v1alpha1.ModelPlatformSpec {
		return v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(threshold, authority("release", release), authority("mallory", mallory))}}
	}
	var c trust.Compiler
	first, _ := c.Compile(spec(1))
	same := spec(1)
	same.Serving.Mode = v1alpha1.ModeStandard
	second, _ := c.Compile(same)
	other, _ := c.Compile(spec(2))
	if first.Rules()[0] != second.Rules()[0] || first.Rules()[0] == other.Rules()[0] {
		t.Error("one policy was compiled twice, or two taken for one")
	}
	for range 2 {
		if _, errs := c.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(3, authority("release", release))}}); len(errs) != 1 {
			t.Errorf("a policy that cannot hold: %v", errs)
		}
	}
	a, _ := (*trust.Compiler)(nil).Compile(spec(1))
	b, _ := (*trust.Compiler)(nil).Compile(spec(1))
	if a.Rules()[0] == b.Rules()[0] {
		t.Error("no compiler remembers something")
	}
}
