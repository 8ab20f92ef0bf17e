package trust_test

import (
	"testing"

	"github.com/modelfn/modelfn/artifact"
)

// BenchmarkVerify is what one model's signature costs, once the policy is compiled.
func BenchmarkVerify(b *testing.B) {
	model := pin(b, repository, kit)
	keyed, keyless := compile(b, rule(1, authority("release", release))), compile(b, rule(1, certified("ci", train)))
	for name, c := range map[string]struct {
		trusted  func([]artifact.Evidence) bool
		evidence artifact.Evidence
	}{
		"legacy":  {func(e []artifact.Evidence) bool { return keyed.Verify(model, e).Trusted(model) }, release.Legacy(repository, kit.Digest())},
		"bundle":  {func(e []artifact.Evidence) bool { return keyed.Verify(model, e).Trusted(model) }, release.Bundle(kit.Digest())},
		"keyless": {func(e []artifact.Evidence) bool { return keyless.Verify(model, e).Trusted(model) }, logged.Bundle(kit.Digest())},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !c.trusted([]artifact.Evidence{c.evidence}) {
					b.Fatal("it is not trusted")
				}
			}
		})
	}
}
