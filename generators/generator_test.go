package generators

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const uri = "kit://registry.example.com/models/fraud:v7"

// verified is a Model whose stable version was signed by these names' keys, of
// which so many are needed.
func verified(t *testing.T, threshold int, names ...string) *model.Model {
	t.Helper()
	var rule = v1alpha1.TrustRule{Match: []string{"**"}, Threshold: threshold}
	kit := testsign.Kit("fraud", "7.0.0")
	var evidence []artifact.Evidence
	for _, name := range names {
		key := testsign.ECDSA(name)
		rule.Authorities = append(rule.Authorities, v1alpha1.Authority{Name: name, Key: &v1alpha1.Key{PEM: key.PEM()}})
		evidence = append(evidence, key.Bundle(kit.Digest()))
	}
	p := &v1alpha1.ModelPlatform{Spec: v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule}}}
	p.Default()
	policy, errs := trust.Compile(p.Spec)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	ref, err := artifact.ParseReference(uri)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{kit.Entry(uri, evidence...)}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	d := &v1alpha1.ModelDeployment{Metadata: v1alpha1.ObjectMeta{Name: "fraud"}}
	d.Spec.Model = uri
	m := model.New(d, finding.Resource{Name: "fraud"}, &model.Platform{Spec: p.Spec, Trust: policy})
	m.Stable.Artifact = pinned.Artifact
	m.Stable.Verdict = policy.Verify(pinned.Artifact, pinned.Evidence)
	return m
}

// TestGenerateRefusesUnverified: whatever the steps before did, nothing gets
// past here that is not pinned and verified.
func TestGenerateRefusesUnverified(t *testing.T) {
	if objects, err := Generate(verified(t, 1, "release")); err != nil || len(objects) != 3 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	for name, change := range map[string]func(m *model.Model){
		"zero verdict":  func(m *model.Model) { m.Stable.Verdict = trust.Verdict{} },
		"zero artifact": func(m *model.Model) { m.Stable.Artifact = artifact.Artifact{} },
		"error":         func(m *model.Model) { m.Stable.Err = artifact.ErrUnavailable },
		"zero canary":   func(m *model.Model) { m.Canary = &model.Version{Role: "canary"} },
		"zero adapter":  func(m *model.Model) { m.Stable.Adapters = []*model.Version{{Role: "adapter"}} },
		"refused verdict": func(m *model.Model) {
			m.Stable.Verdict = m.Platform.Trust.Verify(m.Stable.Artifact, nil)
		},
	} {
		m := verified(t, 1, "release")
		change(m)
		objects, err := Generate(m)
		if err == nil || !strings.Contains(err.Error(), "version is not verified") || len(objects) > 0 {
			t.Errorf("%s: %d objects, %v", name, len(objects), err)
		}
	}
}

// TestThresholdInPolicy: the cluster asks for as many signers as render did.
func TestThresholdInPolicy(t *testing.T) {
	check := func(name string) string {
		return "verifyAttestationSignatures(i, attestations.signature, [attestors." + name + "_" + id(t, name) + "]) > 0"
	}
	for want, m := range map[string]*model.Model{
		"? (" + check("a") + ")\n":                       verified(t, 1, "a"),
		"? (" + check("a") + " || " + check("b") + ")\n": verified(t, 1, "a", "b"),
		"? (" + check("a") + " && " + check("b") + ")\n": verified(t, 2, "a", "b"),
		"? ((" + check("a") + " ? 1 : 0) + (" + check("b") + " ? 1 : 0) + (" + check("c") + " ? 1 : 0) >= 2)\n": verified(t, 2, "a", "b", "c"),
	} {
		if got := modelSignatures(m); !strings.Contains(got, want) {
			t.Errorf("%s\nwant in it\n%s", got, want)
		}
	}
}

func id(t *testing.T, name string) string {
	t.Helper()
	return verified(t, 1, name).Stable.Verdict.Signers()[0].Authority.KeyID()[:8]
}

// TestAttestorIsAnIdentifier: authority names have dashes, CEL identifiers have
// none, and two keys of one name stay two.
func TestAttestorIsAnIdentifier(t *testing.T) {
	m := verified(t, 1, "release-team")
	got := attestor(m.Stable.Verdict.Signers()[0])
	if !strings.HasPrefix(got, "release_team_") || strings.Contains(got, "-") {
		t.Errorf("%s", got)
	}
}

// TestEngines: a platform that guards its models otherwise gets no policy.
func TestEngines(t *testing.T) {
	m := verified(t, 1, "release")
	m.Platform.Spec.Policy.Engine = v1alpha1.EngineNone
	objects, err := Generate(m)
	if err != nil || len(objects) != 2 || objects[0].Kind != "ConfigMap" || objects[1].Kind != "InferenceService" {
		t.Errorf("%v, %v", objects, err)
	}
}

// TestAllKindsAreRendered: the golden cases have each kind that any generator makes,
// and no other, so that what judges them all judges all kinds.
func TestAllKindsAreRendered(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, file := range files {
		for _, o := range objectsOf(t, contents(t, file)) {
			kinds = append(kinds, o["kind"].(string))
		}
	}
	slices.Sort(kinds)
	if diff := cmp.Diff(slices.Sorted(slices.Values(Kinds())), slices.Compact(kinds)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
