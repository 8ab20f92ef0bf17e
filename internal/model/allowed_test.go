package model_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const guard = "registry.example.com/images/guard:v1"

var release = testsign.ECDSA("release")

func rules(rules ...v1alpha1.ImageRule) v1alpha1.ModelPlatformSpec {
	return v1alpha1.ModelPlatformSpec{Images: rules, Trust: []v1alpha1.TrustRule{{
		Match:       []string{"registry.example.com/images/**"},
		Authorities: []v1alpha1.Authority{{Name: "release", Key: &v1alpha1.Key{PEM: release.PEM()}}},
	}}}
}

func rule(verify *bool, match ...string) v1alpha1.ImageRule {
	return v1alpha1.ImageRule{Match: match, Verify: verify}
}

func platform(t *testing.T, spec v1alpha1.ModelPlatformSpec) *model.Platform {
	t.Helper()
	policy, errs := trust.Compile(spec)
	images, more := model.CompileImages(spec)
	if errs = append(errs, more...); len(errs) > 0 {
		t.Fatal(errs)
	}
	return &model.Platform{Name: "prod", Spec: spec, Trust: policy, Images: images}
}

// TestFindImage: the first rule that matches decides, and none is a refusal.
func TestFindImage(t *testing.T) {
	p := platform(t, rules(rule(new(false), "registry.example.com/images/guard"), rule(nil, "registry.example.com/images/*", "other.example/**")))
	for image, want := range map[string]string{
		guard:                                    "spec.images[0] false",
		"oci://" + guard:                         "spec.images[0] false",
		"registry.example.com/images/shape:v1":   "spec.images[1] true",
		"registry.example.com/images/a/b:v1":     "",
		"other.example/a/b:v1":                   "spec.images[1] true",
		"evil.example/images/guard:v1":           "",
		"registry.example.com/images/guardx/y:v": "",
	} {
		_, r, err := p.Images.Find(image)
		switch {
		case want == "":
			if !errors.Is(err, model.ErrImageNotAllowed) || r != nil {
				t.Errorf("%s: %v by %v", image, err, r)
			}
		case err != nil:
			t.Errorf("%s: %v", image, err)
		case r.Path != strings.Fields(want)[0] || r.Verify != strings.HasSuffix(want, "true"):
			t.Errorf("%s: by %s, verified %t; want %s", image, r.Path, r.Verify, want)
		}
	}
	if _, _, err := p.Images.Find("guard:v1"); err == nil || !strings.Contains(err.Error(), "it names no registry") {
		t.Errorf("a short name: %v", err)
	}
}

// TestCompileImagesErrors are by the path of spec.images.
func TestCompileImagesErrors(t *testing.T) {
	_, errs := model.CompileImages(rules(rule(nil, "a.example/**"), rule(nil, "a.example/**", "A.example/b**")))
	if len(errs) != 1 || errs[0].Path != "spec.images[1].match[1]" || !strings.Contains(errs[0].Message, "is no glob") {
		t.Errorf("%v", errs)
	}
}

// image is guard as a model of this platform has it, pinned to what is given.
func image(t *testing.T, p *model.Platform, m testsign.Model) (*model.Image, artifact.Pinned) {
	t.Helper()
	ref, err := artifact.ParseReference(guard)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{m.Entry(guard, release.Bundle(m.Digest()))}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	d := &v1alpha1.ModelDeployment{}
	d.Spec.Transformer = &v1alpha1.Component{Containers: []v1alpha1.Container{{Name: v1alpha1.MainContainer, Image: guard}}}
	return model.New(d, finding.Resource{}, p).Images()[0], pinned
}

// TestImageTrusted: an image is let through by the verdict that its rule wants,
// and by no other.
func TestImageTrusted(t *testing.T) {
	verified := platform(t, rules(rule(nil, "registry.example.com/images/**")))
	lax := platform(t, rules(rule(new(false), "registry.example.com/images/**")))
	none := platform(t, rules())
	runnable := testsign.Image("guard", "1", "")
	_, pinned := image(t, verified, runnable)
	signed := verified.Trust.Verify(pinned.Artifact, pinned.Evidence)
	_, laxRule, err := lax.Images.Find(guard)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := laxRule.Unverified(pinned.Artifact)
	_, strictRule, err := verified.Images.Find(guard)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		reason   string
		platform *model.Platform
		model    testsign.Model
		verdict  trust.Verdict
		want     bool
	}{
		"signed":             {"as a model must be", verified, runnable, signed, true},
		"not asked":          {"verify: false wants the digest only", lax, runnable, unsigned, true},
		"unsigned":           {"a verdict that verified nothing", verified, runnable, unsigned, false},
		"zero":               {"the zero verdict is a refusal", lax, runnable, trust.Verdict{}, false},
		"refused":            {"nobody signed it", verified, runnable, verified.Trust.Verify(pinned.Artifact, nil), false},
		"not allowed":        {"no rule of the platform allows it", none, runnable, signed, false},
		"other digest":       {"a verdict about another image", verified, testsign.Image("guard", "2", ""), signed, false},
		"kit":                {"no container starts from it", lax, testsign.Kit("fraud", "1"), trust.Verdict{}, false},
		"strict, unverified": {"a rule that verifies gives no other verdict", verified, runnable, strictRule.Unverified(pinned.Artifact), false},
	} {
		i, got := image(t, test.platform, test.model)
		i.Settle(model.Judged{Artifact: got.Artifact, Verdict: test.verdict}, nil, nil)
		if i.Trusted() != test.want {
			t.Errorf("%s: trusted %t, want %t: %s", name, i.Trusted(), test.want, test.reason)
		}
		i.Settle(model.Judged{Artifact: got.Artifact, Verdict: test.verdict}, nil, artifact.ErrUnavailable)
		if i.Trusted() {
			t.Errorf("%s: trusted in spite of an error", name)
		}
	}
	kit, pinnedKit := image(t, lax, testsign.Kit("fraud", "1"))
	kit.Settle(model.Judged{Artifact: pinnedKit.Artifact, Verdict: laxRule.Unverified(pinnedKit.Artifact)}, nil, nil)
	if kit.Trusted() || kit.Runs() {
		t.Error("a ModelKit is taken for a container image")
	}
}

// TestImagesOfAModel: what a canary inherits is there once, what it overrides
// beside the stable version's, and each says where it stands.
func TestImagesOfAModel(t *testing.T) {
	p := platform(t, rules())
	beside := v1alpha1.Predictor{"containers": []any{map[string]any{"name": "a", "image": guard}}}
	for name, test := range map[string]struct {
		canary v1alpha1.Predictor
		want   string
	}{
		"inherits":  {nil, "spec.predictor.containers[0] spec.explainer.containers[0]"},
		"overrides": {beside, "spec.predictor.containers[0] spec.canary.predictor.containers[0] spec.explainer.containers[0]"},
		"removes":   {v1alpha1.Predictor{}, "spec.predictor.containers[0] spec.explainer.containers[0]"},
	} {
		d := &v1alpha1.ModelDeployment{}
		d.Spec.Predictor = beside
		d.Spec.Canary = &v1alpha1.Canary{Version: v1alpha1.Version{Predictor: test.canary}}
		d.Spec.Explainer = &v1alpha1.Component{Containers: []v1alpha1.Container{{Name: v1alpha1.MainContainer, Image: guard}}}
		m := model.New(d, finding.Resource{}, p)
		var got []string
		for _, i := range m.Images() {
			got = append(got, i.Field)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
		if served := len(m.Canary.Images); served != 1 && name != "removes" || served != 0 && name == "removes" {
			t.Errorf("%s: the canary runs %d containers", name, served)
		}
		if parts := m.Parts(); len(parts) != len(got)+2 {
			t.Errorf("%s: %d parts", name, len(parts))
		}
	}
}
