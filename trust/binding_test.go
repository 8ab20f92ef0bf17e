package trust_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestBinding: a rule can demand that a signature says what it is for, in the
// ways in which cosign can be told to write it.
func TestBinding(t *testing.T) {
	const toy = "registry.example.com/models/toy"
	claims := func(key, value string) testsign.Says {
		return testsign.Says{Annotations: map[string]string{key: value}}
	}
	named := func(name string) testsign.Says { return testsign.Says{Name: name} }
	legacy := func(repository, key, value string) artifact.Evidence {
		payload := strings.Replace(string(testsign.Payload(repository, kit.Digest())), `"optional":null`, `"optional":{"`+key+`":"`+value+`"}`, 1)
		return release.LegacyOf([]byte(payload))
	}
	const byRepository = "it does not say that it is for the repository " + repository
	const byName = `it does not say that it is for the model "fraud"`
	for name, test := range map[string]struct {
		reason   string
		binding  string
		evidence artifact.Evidence
		want     string // part of the reason, "" where it is trusted
	}{
		"repository, none":         {"a bundle names no repository", v1alpha1.BindingRepository, release.Bundle(kit.Digest()), byRepository},
		"repository, claim":        {"cosign sign -a", v1alpha1.BindingRepository, release.Attest(kit.Digest(), claims(trust.ClaimRepository, repository)), ""},
		"repository, subject":      {"the subject's name", v1alpha1.BindingRepository, release.Attest(kit.Digest(), named(repository)), ""},
		"repository, copied":       {"a toy's signature, copied with its model", v1alpha1.BindingRepository, release.Attest(kit.Digest(), claims(trust.ClaimRepository, toy)), byRepository},
		"repository, copied name":  {"the same by the subject's name", v1alpha1.BindingRepository, release.Attest(kit.Digest(), named(toy)), byRepository},
		"repository, both":         {"the claim is what the signer said on purpose", v1alpha1.BindingRepository, release.Attest(kit.Digest(), testsign.Says{Name: repository, Annotations: map[string]string{trust.ClaimRepository: toy}}), byRepository},
		"repository, prefix":       {"a name that begins with it", v1alpha1.BindingRepository, release.Attest(kit.Digest(), named(repository+"2")), byRepository},
		"repository, legacy":       {"a legacy signature names it already", v1alpha1.BindingRepository, release.Legacy(repository, kit.Digest()), ""},
		"repository, legacy claim": {"and says more", v1alpha1.BindingRepository, legacy(repository, trust.ClaimRepository, toy), byRepository},
		"name, none":               {"a bundle names no deployment", v1alpha1.BindingName, release.Bundle(kit.Digest()), byName},
		"name, claim":              {"cosign sign -a", v1alpha1.BindingName, release.Attest(kit.Digest(), claims(trust.ClaimModel, "fraud")), ""},
		"name, several":            {"the names it has in several stages", v1alpha1.BindingName, release.Attest(kit.Digest(), claims(trust.ClaimModel, "staging-fraud+fraud")), ""},
		"name, another":            {"a toy, validly signed, named by fraud's deployment", v1alpha1.BindingName, release.Attest(kit.Digest(), claims(trust.ClaimModel, "toy")), byName},
		"name, part":               {"a part of the name", v1alpha1.BindingName, release.Attest(kit.Digest(), claims(trust.ClaimModel, "fraud2")), byName},
		"name, legacy":             {"cosign sign -a in the older format", v1alpha1.BindingName, legacy(repository, trust.ClaimModel, "fraud"), ""},
		"name, legacy none":        {"the older format without", v1alpha1.BindingName, release.Legacy(repository, kit.Digest()), byName},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			r := rule(1, authority("release", release))
			r.Binding = test.binding
			v := compile(t, r).For(trust.Use{Deployment: "fraud"}).Verify(a, list(test.evidence))
			if v.Trusted(a) != (test.want == "") || !strings.Contains(v.Reason(), test.want) {
				t.Errorf("%s: trusted %t: %s, want %q", test.reason, v.Trusted(a), v.Reason(), test.want)
			}
		})
	}

	r := rule(1, authority("release", release))
	r.Binding = v1alpha1.BindingName
	a := pin(t, repository, kit)
	v := compile(t, r).Verify(a, list(release.Attest(kit.Digest(), testsign.Says{Annotations: map[string]string{trust.ClaimModel: "+"}})))
	if v.Trusted(a) || !strings.Contains(v.Reason(), "there is none: verify the directory") {
		t.Errorf("without a deployment, an empty claim: trusted %t: %s", v.Trusted(a), v.Reason())
	}
}

// TestOtherSubjectsClaimNothing: what a statement says of another digest does not
// count for this one.
func TestOtherSubjectsClaimNothing(t *testing.T) {
	r := rule(1, authority("release", release))
	r.Binding = v1alpha1.BindingRepository
	a := pin(t, repository, kit)
	payload := `{"_type":"https://in-toto.io/Statement/v1","subject":[` +
		`{"name":"` + repository + `","digest":{"sha256":"` + other.Digest().Hex() + `"}},` +
		`{"name":"registry.example.com/models/toy","digest":{"sha256":"` + kit.Digest().Hex() + `"}}],` +
		`"predicateType":"` + testsign.SignPredicate + `","predicate":{}}`
	v := compile(t, r).Verify(a, list(testsign.Envelope("", testsign.InToto, []byte(payload), release.SignEnvelope(testsign.InToto, []byte(payload)))))
	if v.Trusted(a) || !strings.Contains(v.Reason(), "it does not say that it is for the repository") {
		t.Errorf("trusted %t: %s", v.Trusted(a), v.Reason())
	}
}

// TestRevokedInIndex: an index is refused for any image that it holds.
func TestRevokedInIndex(t *testing.T) {
	amd, arm := testsign.Image("fraud", "1", "onnx"), testsign.Image("fraud", "2", "onnx")
	index := testsign.Index([]string{"linux/amd64", "linux/arm64"}, amd, arm)
	ref, err := artifact.ParseReference("oci://" + repository + ":v7")
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{index.Entry(ref.String())}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	a := pinned.Artifact
	for name, revoked := range map[string]artifact.Digest{"the index": index.Digest(), "its first image": amd.Digest(), "its last image": arm.Digest()} {
		by := authority("release", release)
		by.Revoked = []string{string(revoked)}
		v := compile(t, rule(1, by)).Verify(a, list(release.Bundle(a.Digest())))
		if v.Trusted(a) || !strings.Contains(v.Reason(), "release has revoked "+string(revoked)) {
			t.Errorf("%s: trusted %t: %s", name, v.Trusted(a), v.Reason())
		}
	}
	if v := compile(t, rule(1, authority("release", release))).Verify(a, list(release.Bundle(a.Digest()))); !v.Trusted(a) {
		t.Errorf("not revoked: %s", v.Reason())
	}
}
