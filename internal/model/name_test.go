package model

import (
	"regexp"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/testsign"
)

// versions is a deployment of two artifacts, with what the canary changes.
func versions(t *testing.T, name string, stable, canary testsign.Model, change func(*v1alpha1.Version)) *Model {
	t.Helper()
	d := &v1alpha1.ModelDeployment{Metadata: v1alpha1.ObjectMeta{Name: name}}
	d.Spec.Model = "kit://registry.example.com/models/fraud:v7"
	d.Spec.Canary = &v1alpha1.Canary{Version: v1alpha1.Version{Model: "kit://registry.example.com/models/fraud:v8"}}
	if change != nil {
		change(&d.Spec.Canary.Version)
	}
	m := New(d, finding.Resource{}, &Platform{})
	for v, of := range map[*Version]testsign.Model{&m.Stable: stable, m.Canary: canary} {
		ref, err := artifact.ParseReference(v.URI())
		if err != nil {
			t.Fatal(err)
		}
		pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{of.Entry(v.URI())}).Pin(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		v.Artifact = pinned.Artifact
	}
	return m
}

// TestVersionName: a version keeps its name when it becomes the stable one, and
// two versions never share one.
func TestVersionName(t *testing.T) {
	v7, v8 := testsign.Kit("fraud", "7.0.0"), testsign.Kit("fraud", "8.0.0")
	before := versions(t, "fraud", v7, v8, nil)
	after := versions(t, "fraud", v8, v7, nil)
	if got, want := before.VersionName(before.Canary), after.VersionName(&after.Stable); got != want || got != "fraud-"+v8.Digest().Hex()[:8] {
		t.Errorf("as canary %s, as stable version %s", got, want)
	}
	settings := func(cpu string) *Model {
		return versions(t, "fraud", v7, v7, func(v *v1alpha1.Version) {
			v.Resources = &v1alpha1.Resources{Limits: map[string]v1alpha1.Quantity{"cpu": v1alpha1.Quantity(cpu)}}
		})
	}
	one, two := settings("1"), settings("2")
	names := map[string]bool{one.VersionName(&one.Stable): true, one.VersionName(one.Canary): true, two.VersionName(two.Canary): true}
	if len(names) != 3 {
		t.Errorf("the same model in three settings has the names %v", names)
	}
	stated := versions(t, "fraud", v7, v7, func(v *v1alpha1.Version) { v.Provenance = map[string]string{"a": "b"} })
	plain := versions(t, "fraud", v7, v7, nil)
	if stated.VersionName(stated.Canary) != plain.VersionName(plain.Canary) {
		t.Error("what is stated about a version changes its name")
	}
}

// TestLongNames fit into what KServe makes of them, and differ where the
// deployments' do.
func TestLongNames(t *testing.T) {
	label := regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	seen := map[string]string{}
	for _, name := range []string{
		strings.Repeat("a", 37), strings.Repeat("a", 38), strings.Repeat("a", 53), strings.Repeat("a", 52) + "b",
		strings.Repeat("a", 27) + "-" + strings.Repeat("b", 20), strings.Repeat("a", 28) + "-" + strings.Repeat("b", 20),
	} {
		m := versions(t, name, testsign.Kit("fraud", "7.0.0"), testsign.Kit("fraud", "8.0.0"), nil)
		got := m.VersionName(&m.Stable)
		if pod := "isvc." + got + "-transformer"; len(pod) > 63 || !label.MatchString(got) || strings.Contains(got, "--") {
			t.Errorf("%s: %s (%d with what KServe adds)", name, got, len(pod))
		}
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s are both %s", name, other, got)
		}
		seen[got] = name
	}
}
