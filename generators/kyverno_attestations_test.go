package generators

import (
	"regexp"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// evaluated is a Model that release signed and these attested, each for a type of
// its own.
func evaluated(t *testing.T, wanted ...v1alpha1.AttestationRule) *model.Model {
	t.Helper()
	m := verified(t, 1, "release")
	rule := m.Platform.Spec.Trust[0]
	kit := testsign.Kit("fraud", "7.0.0")
	evidence := []artifact.Evidence{testsign.ECDSA("release").Bundle(kit.Digest())}
	for _, a := range wanted {
		for _, name := range a.Authorities {
			key := testsign.ECDSA(name)
			rule.Authorities = append(rule.Authorities, v1alpha1.Authority{Name: name, AttestationsOnly: true, Key: &v1alpha1.Key{PEM: key.PEM()}})
			evidence = append(evidence, key.Attest(kit.Digest(), testsign.Says{PredicateType: a.PredicateType, Predicate: `{"auc":0.95,"run":"8f2c"}`}))
		}
	}
	rule.Attestations = wanted
	policy, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m.Stable.Verdict = policy.Verify(m.Stable.Artifact, evidence)
	if !m.Stable.Trusted() {
		t.Fatal(m.Stable.Verdict.Reason())
	}
	return m
}

func wants(predicateType, by string, rules ...string) v1alpha1.AttestationRule {
	return v1alpha1.AttestationRule{PredicateType: predicateType, Authorities: []string{by}, Rules: rules}
}

// texts are the messages and expressions of validations.
func texts(list object.List) (messages, expressions []string) {
	for _, v := range list {
		messages = append(messages, v.(object.Map)[0].Value.(string))
		expressions = append(expressions, v.(object.Map)[1].Value.(string))
	}
	return messages, expressions
}

// TestAttestedByItsOwnAuthority: each demand asks its own authority for its own
// type, under a name of their own: Kyverno keeps one predicate for each name.
func TestAttestedByItsOwnAuthority(t *testing.T) {
	m := evaluated(t, wants("https://example.com/a", "lab-one"), wants("https://example.com/a", "lab-two"), wants("https://example.com/b", "lab-three"))
	_, got := texts(attested(models(m), theModel, "images.model"))
	if len(got) != 3 {
		t.Fatalf("%d demands, want 3: %q", len(got), got)
	}
	asks := regexp.MustCompile(`verifyAttestationSignatures\(i, attestations\.([a-z_][a-z0-9_]*), \[attestors\.([a-z_][a-z0-9_]*)\]\) > 0\)$`)
	types := map[string]string{}
	for _, a := range attestations(models(m)) {
		types[a.(object.Map)[0].Value.(string)] = a.(object.Map)[1].Value.(object.Map)[0].Value.(string)
	}
	if len(types) != 4 || types[signatureAttestation] != trust.SignPredicate {
		t.Errorf("%v", types)
	}
	for i, want := range []struct{ predicateType, by string }{
		{"https://example.com/a", "lab_one_"}, {"https://example.com/a", "lab_two_"}, {"https://example.com/b", "lab_three_"},
	} {
		found := asks.FindStringSubmatch(got[i])
		if found == nil || types[found[1]] != want.predicateType || !strings.HasPrefix(found[2], want.by) || !strings.HasPrefix(found[1], found[2]) {
			t.Errorf("%s\nwant %s of %s", got[i], want.predicateType, want.by)
		}
	}
}

// TestConditionsInPolicy: a rule is handed over as it stands, with the end of the
// line that a comment in it needs; one that would mean something else is left out,
// and a finding of the validators.
func TestConditionsInPolicy(t *testing.T) {
	w := wants("https://example.com/a", "lab", "predicate.auc > 0.9 || false // or not)", `predicate.run.indexOf("8") == 0`)
	w.Provenance = map[string]string{"training-run-id": "predicate.run"}
	m := evaluated(t, w)
	messages, expressions := texts(attested(models(m), theModel, "images.model"))
	if want := ", saying predicate.auc > 0.9 || false // or not), predicate.run as in the annotation modelfn.dev/training-run-id"; len(messages) != 1 || !strings.HasSuffix(messages[0], want) {
		t.Fatalf("%q, want it to end with %q", messages, want)
	}
	for _, want := range []string{
		"\n(predicate.auc > 0.9 || false // or not)\n)\n&& cel.bind(said, predicate.run\n, type(said) == string && object.metadata.?annotations[?'modelfn.dev/training-run-id'].orValue(said) == said)",
		"&& cel.bind(predicate, extractPayload(i, attestations.lab_",
	} {
		if !strings.Contains(expressions[0], want) {
			t.Errorf("%s\nwant in it\n%s", expressions[0], want)
		}
	}
	if strings.Contains(expressions[0], "indexOf") {
		t.Errorf("handed over: %s", expressions[0])
	}
	// Annotations are about the model, not about its containers' images.
	if _, others := texts(attested(models(m), "an image", "images.containers")); strings.Contains(others[0], "annotations") {
		t.Errorf("%s", others[0])
	}
}
