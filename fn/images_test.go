package fn_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	guard = images0 + "guard:v1"
	proxy = registry + "tools/proxy:v3"
)

// beside are lines of spec: a container beside the model.
func beside(image string) string { return "predictor: {containers: [{name: a, image: " + image + "}]}" }

// around are lines of spec: a transformer.
func around(image string) string { return "transformer: {containers: [{image: " + image + "}]}" }

// allowing is a platform that verifies images/ and holds tools/ to digests only.
func allowing() string {
	const images = "images:\n- match: [" + images0 + "**]\n- {match: [" + registry + "tools/**], verify: false}"
	return strings.Replace(platform(images), "[registry.example.com/models/**]", "[registry.example.com/models/**, registry.example.com/images/**]", 1)
}

// TestLockImages: images are asked for once, stand in the lock with the evidence
// that counts, and the render takes what was written.
func TestLockImages(t *testing.T) {
	d := deployment("v7", beside(guard), around(guard), "explainer: {containers: [{image: "+proxy+"}]}")
	toy := strings.Replace(d, "name: fraud", "name: toy", 1)
	source := &testsign.Source{Published: world()}
	locked, findings := lockAll(t, source, fn.LockOptions{}, d, toy, allowing())
	if len(findings) > 0 || len(locked.Locks) != 2 {
		t.Fatalf("%d locks, %v", len(locked.Locks), findings)
	}
	if diff := cmp.Diff([]string{v7, guard, proxy}, source.Asked()); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	w := world()
	want := []string{
		v7 + "@" + string(w[v7].Digest()) + " oci.descriptor.v1+json",
		guard + "@" + string(w[guard].Digest()) + " oci.descriptor.v1+json",
		proxy + "@" + string(w[proxy].Digest()),
	}
	if diff := cmp.Diff(want, digestsOf(locked.Locks[:1])); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for i, prefix := range []string{"fraud:v7", "guard:v1", "proxy:v3"} {
		if got := changes(locked)[i]; !strings.HasPrefix(got, "ml-serving/fraud  "+prefix+"  sha256:") {
			t.Errorf("change %q, want it to name %s", got, prefix)
		}
	}
	run(t, list("", d, allowing(), string(lock.Marshal(locked.Locks[:1]))), fn.Config{})
}

// TestLockKeepsImages: what is locked and holds is not asked for again, though
// the tag has moved; --update asks.
func TestLockKeepsImages(t *testing.T) {
	d := deployment("v7", beside(guard))
	w := world()
	w[guard] = w[images0+"guard:v2"]
	source := &testsign.Source{Published: w}
	options := fn.LockOptions{Own: own(t, lockFor(t, d))}
	locked, findings := lockAll(t, source, options, d, allowing())
	if len(findings) > 0 || len(source.Asked()) > 0 || len(locked.Changes) > 0 {
		t.Errorf("asked for %v, %v, %v", source.Asked(), changes(locked), findings)
	}
	options.Update = every
	locked, findings = lockAll(t, source, options, d, allowing())
	if got := changes(locked); len(findings) > 0 || len(got) != 1 || !strings.HasPrefix(got[0], "ml-serving/fraud  guard:v1  sha256:") || !strings.Contains(got[0], " -> ") {
		t.Errorf("%q, %v", got, findings)
	}
}

// TestLockRefusedImageGetsNoEntry: the model does, and the finding names the
// container.
func TestLockRefusedImageGetsNoEntry(t *testing.T) {
	for name, test := range map[string]struct {
		spec, rule, field, message string
		asked                      bool
	}{
		"unsigned":    {beside(images0 + "guard:unsigned"), "untrusted-image", "spec.predictor.containers[0].image", "has no signature", true},
		"kit":         {around(images0 + "kit:v1"), "not-runnable", "spec.transformer.containers[0].image", "is a ModelKit", true},
		"elsewhere":   {around(registry + "other/proxy:v3"), "image-not-allowed", "spec.transformer.containers[0].image", "no rule in spec.images of the platform matches registry.example.com/other/proxy", false},
		"not there":   {beside(images0 + "guard:gone"), "not-found", "spec.predictor.containers[0].image", images0 + "guard:gone", true},
		"short name":  {beside("guard:v1"), "refused-artifact", "spec.predictor.containers[0].image", "it names no registry", false},
		"of a canary": {"canary: {weight: 1, " + beside(images0+"guard:unsigned") + "}", "untrusted-image", "spec.canary.predictor.containers[0].image", "has no signature", true},
	} {
		source := &testsign.Source{Published: world()}
		locked, findings := lockAll(t, source, fn.LockOptions{}, deployment("v7", test.spec), allowing())
		findings = slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Rule == "first-canary" })
		wantRule(t, findings, test.rule, test.message)
		if len(findings) > 0 && findings[0].Field != test.field {
			t.Errorf("%s: at %s, want %s", name, findings[0].Field, test.field)
		}
		if got := digestsOf(locked.Locks); len(got) != 1 || !strings.HasPrefix(got[0], v7+"@") {
			t.Errorf("%s: entries %v", name, got)
		}
		if asked := source.Asked(); len(asked) == 2 != test.asked {
			t.Errorf("%s: asked for %v", name, asked)
		}
	}
}

// TestLockImageFault: what could not be found out is Unknown, for an image too.
func TestLockImageFault(t *testing.T) {
	locked, findings := lockAll(t, &testsign.Source{Err: artifact.ErrUnavailable}, fn.LockOptions{Own: own(t, lockFor(t, deployment("v7")))}, deployment("v7", beside(guard)), allowing())
	if findings.ExitCode() != finding.ExitUnknown || len(findings) != 1 || findings[0].Field != "spec.predictor.containers[0].image" {
		t.Errorf("%v, %v", digestsOf(locked.Locks), findings)
	}
}

// TestOnlineImages: resolved at render, they give the objects that the lock gives.
func TestOnlineImages(t *testing.T) {
	d := deployment("v7", beside(guard), around(proxy))
	locked := run(t, list("", d, allowing(), lockFor(t, d)), fn.Config{})
	resolved := run(t, list("", d, allowing()+"  resolution: Online\n"), online(&testsign.Source{Published: world()}))
	for _, kind := range []string{"InferenceService", "NamespacedImageValidatingPolicy"} {
		if diff := cmp.Diff(one(t, locked.Items, kind).String(), one(t, resolved.Items, kind).String()); diff != "" {
			t.Errorf("%s (-locked +online):\n%s", kind, diff)
		}
	}
}

// TestModelAsImage: one image as the model and beside it is judged as each of
// them, and Kyverno could not find it twice.
func TestModelAsImage(t *testing.T) {
	const iris = registry + "models/iris:v1"
	w := world()
	w[iris] = w["oci://"+iris]
	d := strings.Replace(deployment("v7", beside(iris)), "kit://"+fraud+":v7", iris, 1)
	p := platform("images: [{match: [" + registry + "models/**]}]")
	locked, findings := lockAll(t, &testsign.Source{Published: w}, fn.LockOptions{}, d, p)
	if findings.Refused() || len(locked.Entries[0]) != 1 || len(locked.Entries[0][0].Evidence) != 1 {
		t.Fatalf("%v, %v", digestsOf(locked.Locks), findings)
	}
	// What the render refuses is known when it is locked.
	if len(findings) != 1 || findings[0].Rule != "policy-gap" {
		t.Errorf("locked with %v", findings)
	}
	_, _, findings = fn.Run(t.Context(), list("", d, p, string(lock.Marshal(locked.Locks))), fn.Config{})
	wantRule(t, findings, "policy-gap", "is the model too")
	// Without a policy there is no gap, also where the image is not verified.
	p = platform("images: [{match: ["+registry+"models/**], verify: false}]", "policy: {engine: None}")
	out, _, findings := fn.Run(t.Context(), list("", d, p, string(lock.Marshal(locked.Locks))), fn.Config{})
	if findings.Refused() || len(findings) != 1 || findings[0].Rule != "unsigned-image" {
		t.Fatal(findings)
	}
	image, _, err := one(t, parse(t, out).Items, "InferenceService").NestedString("spec", "predictor", "model", "storageUri")
	if want := "oci://" + strings.TrimSuffix(iris, ":v1") + "@" + string(w[iris].Digest()); image != want || err != nil {
		t.Errorf("serves %s, %v", image, err)
	}
}

// resolving is a Source that also tells what a tag names.
type resolving struct{ *testsign.Source }

func (r resolving) Resolve(ctx context.Context, ref artifact.Reference) (artifact.Digest, error) {
	found, err := r.Pin(ctx, ref)
	return found.Digest(), err
}

// TestOutdatedImages: tags of images are asked for too, those only that the
// platform allows.
func TestOutdatedImages(t *testing.T) {
	d := deployment("v7", beside(guard), around(registry+"other/proxy:v3"))
	p, findings := fn.Read(nil, parse(t, list("", d, allowing(), lockFor(t, d))).Items)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	w := world()
	w[guard] = w[images0+"guard:v2"]
	source := resolving{&testsign.Source{Published: w}}
	cfg := fn.Config{Online: func(v1alpha1.ModelPlatformSpec) (artifact.Source, error) { return source, nil }}
	moved, findings := fn.Outdated(t.Context(), p, cfg, fn.LockOptions{})
	if len(findings) > 0 || len(moved) != 1 || !strings.HasPrefix(moved[0].String(), "ml-serving/fraud  guard:v1  sha256:") {
		t.Errorf("%v, %v", moved, findings)
	}
	if asked := strings.Join(source.Asked(), " "); asked != v7+" "+guard {
		t.Errorf("asked for %s", asked)
	}
}
