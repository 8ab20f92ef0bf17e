package trust_test

import (
	"crypto"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const evaluated = "https://example.com/evaluation/v1"

// TestDuty: what an engine that knows keys only can demand by a rule, never more than
// the rule wants, and each part that it cannot is a gap.
func TestDuty(t *testing.T) {
	keyless := v1alpha1.Authority{Name: "workflow", Keyless: &v1alpha1.Keyless{Issuer: "https://issuer.example.com", Subject: "https://example.com/train"}}
	logged := authority("logged", mallory)
	logged.Tlog = v1alpha1.TlogRequired
	evaluator := authority("evaluator", mallory)
	evaluator.AttestationsOnly = true
	evaluator2 := keyless
	evaluator2.AttestationsOnly = true
	wants := func(r v1alpha1.TrustRule, rules []string, provenance map[string]string, by ...string) v1alpha1.TrustRule {
		r.Attestations = []v1alpha1.AttestationRule{{PredicateType: evaluated, Authorities: by, Rules: rules, Provenance: provenance}}
		return r
	}
	bound := rule(1, authority("release", release))
	bound.Binding = v1alpha1.BindingName
	for name, tt := range map[string]struct {
		rule      v1alpha1.TrustRule
		releasing string
		need      int
		attested  string
		gaps      []string
	}{
		"a key":                      {rule(1, authority("release", release)), "release", 1, "", nil},
		"two of two":                 {rule(2, authority("release", release), authority("ci", ci)), "release, ci", 2, "", nil},
		"one key under two names":    {rule(1, authority("release", release), authority("again", release)), "release", 1, "", nil},
		"whose key only attests":     {rule(1, authority("release", release), evaluator), "release", 1, "", nil},
		"an identity, or a key":      {rule(1, authority("release", release), keyless), "release", 0, "", []string{"that workflow signed, under a certificate"}},
		"an identity, and a key":     {rule(2, authority("release", release), keyless), "release", 1, "", []string{"that workflow signed"}},
		"a logged key":               {rule(1, logged), "", 0, "", []string{"that logged signed, whose signatures are logged"}},
		"an Ed25519 key":             {rule(1, authority("release", testsign.Ed25519ph("release"))), "", 0, "", []string{"that release signed, whose key is Ed25519"}},
		"bound to a name":            {bound, "release", 1, "", []string{"names what it is for (binding: Name)"}},
		"unsigned":                   {v1alpha1.TrustRule{Match: []string{"registry.example.com/**"}, UnsafeUnsigned: true}, "", 0, "", nil},
		"attested":                   {wants(rule(1, authority("release", release), evaluator), []string{"predicate.ok == true"}, map[string]string{"run": "predicate.run"}, "evaluator"), "release", 1, "evaluator: predicate.ok == true, run predicate.run", nil},
		"attested by either":         {wants(rule(1, authority("release", release), evaluator), nil, nil, "evaluator", "release"), "release", 1, "evaluator, release: ", nil},
		"attested by an identity":    {wants(rule(1, authority("release", release), evaluator2), nil, nil, "workflow"), "release", 1, "", []string{"the attestation of type " + evaluated + " by workflow, under a certificate"}},
		"attested by one or another": {wants(rule(1, authority("release", release), evaluator, evaluator2), nil, nil, "workflow", "evaluator"), "release", 1, "", []string{"by workflow"}},
		"what stays here": {wants(rule(1, authority("release", release), evaluator), []string{"json.unmarshal(predicate.text).ok == true", "predicate.ok == true"}, nil, "evaluator"),
			"release", 1, "evaluator: predicate.ok == true", []string{"which it would not judge as we do"}},
	} {
		t.Run(name, func(t *testing.T) {
			duty := compile(t, tt.rule).Rules()[0].Duty(false)
			if got := trust.Names(duty.Releasing); got != tt.releasing || duty.Need != tt.need {
				t.Errorf("%d of %q, want %d of %q", duty.Need, got, tt.need, tt.releasing)
			}
			if got := attestedAs(duty); got != tt.attested {
				t.Errorf("attested by %q, want %q", got, tt.attested)
			}
			if len(duty.Gaps) != len(tt.gaps) {
				t.Fatalf("gaps: %q, want %q", duty.Gaps, tt.gaps)
			}
			for i, g := range duty.Gaps {
				if !strings.Contains(g.Message, tt.gaps[i]) || g.Fix == "" {
					t.Errorf("%q, want %q", g, tt.gaps[i])
				}
			}
		})
	}
}

func attestedAs(duty trust.Duty) string {
	var out []string
	for _, a := range duty.Attestations {
		var says []string
		for _, c := range a.Conditions {
			says = append(says, strings.TrimSpace(c.Key+" "+c.Expression))
		}
		out = append(out, trust.Names(a.By)+": "+strings.Join(says, ", "))
	}
	return strings.Join(out, "; ")
}

// TestDutyOfLongCurves: their keys hash in two ways, either of which counts.
func TestDutyOfLongCurves(t *testing.T) {
	duty := compile(t, rule(1, authority("release", testsign.P384("release", crypto.SHA384)))).Rules()[0].Duty(false)
	var hashes []trust.Hash
	for _, s := range duty.Releasing[0].Ways {
		hashes = append(hashes, s.Hash)
	}
	if !slices.Equal(hashes, []trust.Hash{trust.UsualHash, trust.SHA384}) {
		t.Errorf("%q", hashes)
	}
}

// TestDutyRevoked: what an authority has revoked it does not stand by, unless
// another with the same key does.
func TestDutyRevoked(t *testing.T) {
	revoking := func(name string, digests ...string) v1alpha1.Authority {
		a := authority(name, release)
		a.Revoked = digests
		return a
	}
	one, two := string(kit.Digest()), string(other.Digest())
	for name, tt := range map[string]struct {
		rule v1alpha1.TrustRule
		want []string
	}{
		"in order":       {rule(1, revoking("release", one, two)), sortedTexts(one, two)},
		"by one of both": {rule(1, revoking("release", one, two), revoking("again", two)), []string{two}},
		"not by another": {rule(1, revoking("release", one), authority("again", release)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range compile(t, tt.rule).Rules()[0].Duty(false).Releasing[0].Revoked {
				got = append(got, string(d))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func sortedTexts(texts ...string) []string {
	slices.Sort(texts)
	return texts
}

// TestDutyOfOlderSignatures: they are counted where the platform is content with less,
// which is a gap, and not where a bundle is attached besides.
func TestDutyOfOlderSignatures(t *testing.T) {
	evaluator := authority("evaluator", mallory)
	evaluator.AttestationsOnly = true
	attested := rule(1, authority("release", release), evaluator)
	attested.Attestations = []v1alpha1.AttestationRule{{PredicateType: evaluated, Authorities: []string{"evaluator"}}}
	for name, tt := range map[string]struct {
		rule          v1alpha1.TrustRule
		older, counts bool
	}{
		"bundles only": {rule(1, authority("release", release)), false, false},
		"either":       {rule(1, authority("release", release)), true, true},
		"attested":     {attested, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			duty := compile(t, tt.rule).Rules()[0].Duty(tt.older)
			if duty.Older != tt.counts {
				t.Errorf("counts older ones: %t", duty.Older)
			}
			if named := len(duty.Gaps) == 1 && strings.Contains(duty.Gaps[0].Message, "any attestation by release would do"); named != tt.counts {
				t.Errorf("gaps: %q", duty.Gaps)
			}
		})
	}
}
