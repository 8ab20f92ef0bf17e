package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// transformed is what an overlay does to the names of a base: fraud of ml-serving
// becomes eu-fraud-x of elsewhere.
const transformed = `namePrefix: eu-
nameSuffix: -x
namespace: elsewhere
commonLabels: {team: risk}
`

// layered is a base with fraud:v7, and an overlay with other names.
type layered struct {
	world
	platform, fraud, locked string
}

func (w world) layered(t *testing.T, platform object) layered {
	t.Helper()
	app := directory(t, platform, map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:v7")}})
	w.lock(t, app)
	file := func(name string) string { return read(t, filepath.Join(app, name)) }
	return layered{w, file("platform.yaml"), file("fraud.yaml"), file(lockFile)}
}

// running is the platform as the configuration of a function.
func (l layered) running(function string) string {
	return strings.Replace(l.platform, "metadata:\n", "metadata:\n  annotations:\n    config.kubernetes.io/function: '"+function+"'\n", 1)
}

// written is a repository in which modelfn runs in the base or in the overlay.
func (l layered) written(t *testing.T, in, function string) (overlay string) {
	t.Helper()
	root := t.TempDir()
	kustomizations := map[string]string{
		"base":    "resources: [fraud.yaml, " + lockFile + "]\n",
		"overlay": "resources: [../base]\n" + transformed,
	}
	kustomizations[in] += "transformers: [platform.yaml]\n"
	if err := os.Mkdir(filepath.Join(root, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, kustomization := range kustomizations {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, name, "kustomization.yaml"), kustomization)
	}
	write(t, filepath.Join(root, "base", "fraud.yaml"), l.fraud)
	write(t, filepath.Join(root, "base", lockFile), l.locked)
	write(t, filepath.Join(root, in, "platform.yaml"), l.running(function))
	return filepath.Join(root, "overlay")
}

// kustomized is what stock kustomize prints, with modelfn as a program.
func (l layered) kustomized(t *testing.T, in string) string {
	t.Helper()
	return stdout(t, host.Kustomize(t, l.written(t, in, "exec: {path: "+l.modelfn+"}"), "--enable-alpha-plugins", "--enable-exec"))
}

// outermost is what comes out where modelfn runs last: the same of kustomize and
// of build, and doctor has nothing against it.
func (l layered) outermost(t *testing.T) string {
	t.Helper()
	overlay := l.written(t, "overlay", ourImage)
	built := stdout(t, l.run(t, overlay, "build"))
	if diff := cmp.Diff(parseObjects(t, built), parseObjects(t, l.kustomized(t, "overlay"))); diff != "" {
		t.Errorf("-build, +kustomize:\n%s", diff)
	}
	if result := l.run(t, filepath.Dir(overlay), "doctor"); result.ExitCode != 0 || strings.Contains(result.Stderr, "late-change") {
		t.Errorf("doctor: exit %d\n%s", result.ExitCode, result.Stderr)
	}
	return built
}

// inBase is what stock kustomize makes of it where the names change after modelfn.
// build refuses that, for this reason, and doctor finds each of the fields.
func (l layered) inBase(t *testing.T, reason string) string {
	t.Helper()
	overlay := l.written(t, "base", ourImage)
	result := l.run(t, overlay, "build")
	if result.ExitCode != 1 || result.Stdout != "" || !strings.Contains(result.Stderr, "error: changed-object: ") || !strings.Contains(result.Stderr, reason) {
		t.Errorf("build: exit %d, want %q\n%s%s", result.ExitCode, reason, result.Stdout, result.Stderr)
	}
	result = l.run(t, filepath.Dir(overlay), "doctor")
	for _, field := range []string{"namePrefix", "nameSuffix", "namespace", "commonLabels"} {
		if want := "error: late-change: Kustomization (overlay/kustomization.yaml) " + field + ": "; result.ExitCode != 1 || !strings.Contains(result.Stderr, want) {
			t.Errorf("doctor: exit %d, want %q\n%s", result.ExitCode, want, result.Stderr)
		}
	}
	return l.kustomized(t, "base")
}

func withPolicy(platform object, policy map[string]any) object {
	platform["spec"].(map[string]any)["policy"] = policy
	return platform
}

// TestNamesForKyverno: policies select what is renamed before they are made, and
// the real Kyverno judges it. One that is made before guards nothing, in silence.
func TestNamesForKyverno(t *testing.T) {
	w := named(t)
	v7, v8 := w.signed(t)
	l := w.layered(t, w.platform(t))
	const policy, service, record = "NamespacedImageValidatingPolicy elsewhere/", "InferenceService elsewhere/", "ConfigMap elsewhere/"

	good := parseObjects(t, l.outermost(t))
	for _, id := range []string{policy + "modelfn-eu-fraud-x", service + "eu-fraud-x", record + "modelfn-eu-fraud-x"} {
		if good[id] == nil {
			t.Errorf("no %s in %v", id, good)
		}
	}
	if len(good) != 3 {
		t.Errorf("%d objects, want 3", len(good))
	}
	guard, served := toYAML(t, good[policy+"modelfn-eu-fraud-x"]), toYAML(t, good[service+"eu-fraud-x"])
	for _, old := range []string{"ml-serving", "'fraud'"} {
		if strings.Contains(guard+served, old) {
			t.Errorf("%s is still somewhere:\n%s\n%s", old, guard, served)
		}
	}
	other := func(service string) string { return strings.ReplaceAll(service, v7.DigestStr(), v8.DigestStr()) }
	const reason = "the model must be one of the verified digests"
	w.judge(t, map[string]trial{
		"renamed":           {guard, served, ""},
		"another version":   {guard, other(served), reason},
		"renamed once more": {guard, strings.Replace(served, "name: eu-fraud-x", "name: another", 1), ""},
	})

	bad := parseObjects(t, l.inBase(t, "metadata.namespace"))
	guard, served = toYAML(t, bad[policy+"eu-modelfn-fraud-x"]), toYAML(t, bad[service+"eu-fraud-x"])
	for name, service := range map[string]string{"as rendered": served, "another version": other(served)} {
		if counts, output := w.kyverno(t, guard, service); counts != (host.Counts{}) {
			t.Errorf("%s: want a policy that looks at nothing, got %+v\n%s", name, counts, output)
		}
	}
}

// TestNamesForTheAPIServer: the same of policies that the API server judges by.
func TestNamesForTheAPIServer(t *testing.T) {
	c, w := bare.Get(t), named(t)
	v7, v8 := w.signed(t)
	l := w.layered(t, withPolicy(w.platform(t), map[string]any{"engine": "ValidatingAdmissionPolicy", "onGap": "Warn"}))
	other := func(o *cluster.Object) *cluster.Object {
		o = o.DeepCopy()
		if err := unstructured.SetNestedField(o.Object, strings.Replace(fieldOf[string](t, o.Object, "spec", "predictor", "model", "storageUri"), v7.DigestStr(), v8.DigestStr(), 1), "spec", "predictor", "model", "storageUri"); err != nil {
			t.Fatal(err)
		}
		return o
	}
	t.Run("outermost", func(t *testing.T) {
		objects := parse(t, l.outermost(t))
		served := ofKind(objects, "InferenceService")["eu-fraud-x"]
		ruling(t, c, objects, "modelfn.elsewhere.eu-fraud-x")
		home(t, c, served)
		refusedSoon(t, c, served)
		if _, err := c.DryRun(t.Context(), served); err != nil {
			t.Errorf("as rendered: %v", err)
		}
		if _, err := c.DryRun(t.Context(), other(served)); err == nil || !strings.Contains(err.Error(), "the model must be one of the verified digests") {
			t.Errorf("another version: %v", err)
		}
		if record := ofKind(objects, "ConfigMap")["modelfn-eu-fraud-x"]; record == nil || record.GetNamespace() != "elsewhere" {
			t.Errorf("the record is %v", record)
		}
	})
	t.Run("in the base", func(t *testing.T) {
		objects := parse(t, l.inBase(t, "spec.policyName"))
		served := ofKind(objects, "InferenceService")["eu-fraud-x"]
		ruling(t, c, objects, "eu-modelfn.ml-serving.fraud-x")
		home(t, c, served)
		// It is in force, where there is no model any more.
		before := served.DeepCopy()
		before.SetNamespace("ml-serving")
		home(t, c, before)
		refusedSoon(t, c, before)
		if _, err := c.DryRun(t.Context(), other(served)); err != nil {
			t.Errorf("if the API server refuses another version (%v), this layout is no trap any more", err)
		}
	})
}

// ruling applies the policy and the binding of this name, for as long as the test.
func ruling(t *testing.T, c *cluster.Cluster, objects []*cluster.Object, name string) {
	t.Helper()
	for _, kind := range []string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"} {
		o := ofKind(objects, kind)[name]
		if o == nil {
			t.Fatalf("no %s %s", kind, name)
		}
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		t.Cleanup(func() {
			if err := c.Delete(context.WithoutCancel(t.Context()), o); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNamesForRoutes: in Standard mode routes lead to the Services that KServe
// makes, by names that nothing but modelfn knows.
func TestNamesForRoutes(t *testing.T) {
	w := named(t)
	w.signed(t)
	l := w.layered(t, withPolicy(inStandardMode(w.platform(t)), map[string]any{"engine": "None"}))
	leads := func(t *testing.T, stream string) bool {
		objects := parse(t, stream)
		var services []string
		for name := range ofKind(objects, "InferenceService") {
			services = append(services, name+"-predictor")
		}
		routes := ofKind(objects, "HTTPRoute")
		if len(services) != 1 || routes["eu-fraud-x"] == nil {
			t.Fatalf("%v and %v", services, routes)
		}
		to := backends(t, routes["eu-fraud-x"])
		if len(to) == 0 {
			t.Fatal("the route leads nowhere")
		}
		return !slices.ContainsFunc(to, func(b backend) bool { return !slices.Contains(services, b.name) })
	}
	if !leads(t, l.outermost(t)) {
		t.Error("outermost: the route leads elsewhere")
	}
	if leads(t, l.inBase(t, "metadata.name, by which its route leads to it")) {
		t.Error("in the base: if the route leads to what is served, this layout is no trap any more")
	}
	// A prefix alone is refused as well.
	overlay := l.written(t, "base", ourImage)
	write(t, filepath.Join(overlay, "kustomization.yaml"), "resources: [../base]\nnamePrefix: eu-\n")
	wantRefusal(t, l.run(t, overlay, "build"), 1, "changed-object: InferenceService ml-serving/eu-fraud-", "metadata.name, by which its route leads to it")
}
