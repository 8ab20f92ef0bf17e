package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/testsign"
)

// generated are the items that modelfn made, as text.
func generated(items krm.KubeObjects) string {
	var out []string
	for _, item := range items {
		if item.GetLabel("app.kubernetes.io/managed-by") == "modelfn" {
			out = append(out, item.String())
		}
	}
	return strings.Join(out, "---\n")
}

// TestCallForms: hosts call the function in three ways; the objects are the
// same, byte for byte.
func TestCallForms(t *testing.T) {
	d := deployment("v7", canary, "provenance: {training-run-id: 8f2c}")
	lockText := lockFor(t, d)
	_, spec, _ := strings.Cut(lockText, "spec:\n")
	inline := d + "  lock:\n" + indented(2, spec)

	want := generated(run(t, list("", d, platform(), lockText), fn.Config{}).Items)
	if strings.Count(want, "kind: InferenceService") != 1 || !strings.Contains(want, "canaryTrafficPercent: 10") {
		t.Fatalf("generated:\n%s", want)
	}
	env := fn.Config{Sources: fn.Sources{Env: file(t, platform())}}
	for name, got := range map[string]*krm.ResourceList{
		"transformer":                  run(t, list(platform(), d, lockText), fn.Config{}),
		"transformer, listed again":    run(t, list(platform(), d, lockText, platform()), fn.Config{}),
		"generator":                    run(t, list(inline), env),
		"generator, listed again":      run(t, list(inline, inline), env),
		"generator, platform in items": run(t, list(inline, inline, platform()), fn.Config{}),
	} {
		if diff := cmp.Diff(want, generated(got.Items)); diff != "" {
			t.Errorf("%s (-pipeline +got):\n%s", name, diff)
		}
	}
}

// TestGeneratorCopy: kustomize's copy of the functionConfig does not stay among
// the items, where an outer kustomization's modelfn would render it again; in
// kpt the same item is a file of the package, and stays.
func TestGeneratorCopy(t *testing.T) {
	d := deployment("v7")
	_, spec, _ := strings.Cut(lockFor(t, d), "spec:\n")
	inline := d + "  lock:\n" + indented(2, spec)
	env := fn.Config{Sources: fn.Sources{Env: file(t, platform())}}
	inFile := strings.Replace(inline, "metadata:", "metadata:\n  annotations: {internal.config.kubernetes.io/path: fraud.yaml}", 1)
	for name, test := range map[string]struct {
		in   []byte
		want int
	}{
		"kustomize": {list(inline, inline), 0},
		"kpt":       {list(inFile, inFile), 1},
	} {
		left := run(t, test.in, env).Items.Where(krm.IsGVK("modelfn.dev", "v1alpha1", "ModelDeployment"))
		if len(left) != test.want {
			t.Errorf("%s: %d ModelDeployments among the items, want %d", name, len(left), test.want)
		}
	}
}

// TestAnotherOfItsName: an item that is not the functionConfig's copy is one of two.
func TestAnotherOfItsName(t *testing.T) {
	env := fn.Config{Sources: fn.Sources{Env: file(t, platform())}}
	_, _, findings := fn.Run(t.Context(), list(deployment("v7"), deployment("v8"), lockFor(t, deployment("v7"))), env)
	wantRule(t, findings, "duplicate-deployment", "two ModelDeployments have this name")
	_, _, findings = fn.Run(t.Context(), list(platform(), platform("policy: {engine: None}"), deployment("v7"), lockFor(t, deployment("v7"))), fn.Config{})
	wantRule(t, findings, "two-platforms", "there are 2 ModelPlatforms")
}

func TestGeneratorFormWithoutPlatform(t *testing.T) {
	_, _, findings := fn.Run(t.Context(), list(deployment("v7"), deployment("v7")), fn.Config{})
	wantRule(t, findings, "no-platform", "nothing says whom to trust")
	if !strings.Contains(findings[0].Fix, "--platform FILE") {
		t.Errorf("fix: %s", findings[0].Fix)
	}
}

// TestForeignFunctionConfig: what kpt makes of configMap and of key=value says
// nothing to modelfn, and may look as if it did.
func TestForeignFunctionConfig(t *testing.T) {
	_, _, findings := fn.Run(t.Context(), list("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: {platform: evil}", deployment("v7"), platform()), fn.Config{})
	wantRule(t, findings, "function-config", "the functionConfig is a ConfigMap")
}

// TestRefusedLeavesItems: a refusal changes no item, and says in the results
// what stands on stderr too.
func TestRefusedLeavesItems(t *testing.T) {
	d := deployment("unsigned")
	foreign := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other # a comment"
	in := list("", d, foreign, platform(), lockFor(t, d))
	out, r, findings := fn.Run(t.Context(), in, fn.Config{})
	if findings.ExitCode() != finding.ExitRefused || len(r.Objects) > 0 {
		t.Errorf("exit code %d, %d objects", findings.ExitCode(), len(r.Objects))
	}
	before, after := parse(t, in), parse(t, out)
	if diff := cmp.Diff(text(before.Items), text(after.Items)); diff != "" {
		t.Errorf("items (-in +out):\n%s", diff)
	}
	if len(after.Results) != 1 {
		t.Fatalf("results %v, want one", after.Results)
	}
	got := after.Results[0]
	if got.Severity != krm.Error || got.Tags["rule"] != "untrusted-model" || got.Field.Path != "spec.model" || got.ResourceRef.Name != "fraud" ||
		!strings.Contains(got.Message, "has no signature") || !strings.Contains(got.Message, "; fix: ") {
		t.Errorf("result %v", got)
	}
}

// TestNothingToDo: in a pipeline without a ModelDeployment everything passes
// through, and nobody asks for a platform.
func TestNothingToDo(t *testing.T) {
	in := list("", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other # kept\n")
	got := run(t, in, fn.Config{})
	if diff := cmp.Diff(text(parse(t, in).Items), text(got.Items)); diff != "" {
		t.Errorf("items (-in +out):\n%s", diff)
	}
}

// TestProcessTwice: a second render changes nothing, also where a host hands
// over the results of the first, with a warning among them.
func TestProcessTwice(t *testing.T) {
	d := deployment("v7", canary)
	for name, items := range map[string][]string{
		"plain":   {deployment("v7"), platform(), lockFor(t, deployment("v7"))},
		"canary":  {d, platform(), lockFor(t, d)},
		"warning": {deployment("v7"), platform(), lockFor(t, deployment("v7")), strings.Replace(lockFor(t, deployment("both")), "name: fraud-", "name: old-", 1)},
	} {
		first, _, findings := fn.Run(t.Context(), list("", items...), fn.Config{})
		var got string
		for _, f := range findings {
			got += string(f.Severity) + " " + f.Rule
		}
		if want := map[string]string{"canary": "warning first-canary", "warning": "warning unused-lock-entry"}[name]; got != want {
			t.Fatalf("%s: %v, want %q", name, findings, want)
		}
		second, _, _ := fn.Run(t.Context(), first, fn.Config{})
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Errorf("%s (-first +second):\n%s", name, diff)
		}
	}
}

// TestOrderOfItems: two hosts that list files in another order get the same
// objects, behind what they listed, which stays in its order: it may be what is
// applied, and a Namespace comes before what is in it.
func TestOrderOfItems(t *testing.T) {
	d := deployment("v7", canary)
	a := run(t, list("", d, platform(), lockFor(t, d)), fn.Config{}).Items
	b := run(t, list("", lockFor(t, d), platform(), d), fn.Config{}).Items
	if diff := cmp.Diff(generated(a), generated(b)); diff != "" {
		t.Error(diff)
	}
	kinds := func(items krm.KubeObjects) (out []string) {
		for _, item := range items {
			out = append(out, item.GetKind())
		}
		return out
	}
	made := []string{"NamespacedImageValidatingPolicy", "InferenceService", "ConfigMap"}
	if diff := cmp.Diff(append([]string{"ModelLock", "ModelPlatform", "ModelDeployment"}, made...), kinds(b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOnlineEqualsLocked: resolving at render gives the bytes that the lock
// gives, and asks for each URI once.
func TestOnlineEqualsLocked(t *testing.T) {
	d := deployment("v7", canary)
	second := strings.Replace(d, "name: fraud", "name: toy", 1)
	locked := generated(run(t, list("", d, second, platform(), lockFor(t, d)), fn.Config{}).Items)
	source := &testsign.Source{Published: world()}
	got := generated(run(t, list("", d, second, platform("resolution: Online")), online(source)).Items)
	if diff := cmp.Diff(locked, got); diff != "" {
		t.Errorf("-locked +online:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"kit://" + fraud + ":v7", "kit://" + fraud + ":v8"}, source.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestLockedOpensNoSocket: with resolution: Locked no source is even made.
func TestLockedOpensNoSocket(t *testing.T) {
	source := &testsign.Source{Published: world()}
	_, _, findings := fn.Run(t.Context(), list("", deployment("v7"), platform()), online(source))
	wantRule(t, findings, "not-locked", "not in the lock")
	if asked := source.Asked(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
}

// TestOnlyTrustedHostsAreAsked: a ModelDeployment cannot make us contact a host
// that no trust rule names.
func TestOnlyTrustedHostsAreAsked(t *testing.T) {
	source := &testsign.Source{Published: world()}
	d := strings.Replace(deployment("v7"), registry+"models/", "evil.example.com/models/", 1)
	_, _, findings := fn.Run(t.Context(), list("", d, platform("resolution: Online")), online(source))
	wantRule(t, findings, "untrusted-model", "no trust rule of the platform matches evil.example.com/models/fraud")
	if asked := source.Asked(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
}

// TestEditedLock: the lock is not trusted; what is edited in it is refused and
// said to be edited.
func TestEditedLock(t *testing.T) {
	d := deployment("v7")
	edited := strings.Replace(lockFor(t, d), `version: "7.0.0"`, `version: "7.0.1"`, 1)
	_, _, findings := fn.Run(t.Context(), list("", d, platform(), edited), fn.Config{})
	wantRule(t, findings, "lock-edited", "version is not what the manifest and config say")
}
