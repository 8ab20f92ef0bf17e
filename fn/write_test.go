package fn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/fn"
)

const (
	pathKey  = "internal.config.kubernetes.io/path"
	indexKey = "internal.config.kubernetes.io/index"
)

// hostNotes is one annotation of each name that hosts write on items.
var hostNotes = map[string]string{
	pathKey: "serving/fraud.yaml", indexKey: "3",
	"config.kubernetes.io/path": "serving/fraud.yaml", "config.kubernetes.io/index": "3", "config.kubernetes.io/id": "7",
	"config.kubernetes.io/merge-source": "original", "config.kubernetes.io/origin": "path: fraud.yaml\n",
	"internal.config.kubernetes.io/id": "7", "internal.config.kubernetes.io/seqindent": "wide",
	"internal.config.kubernetes.io/annotations-migration-resource-id": "4", "internal.config.k8s.io/unknown": "x",
	"config.k8s.io/id": "7", "kustomize.config.k8s.io/id": "kind: InferenceService\n",
}

// annotated is an item with what hosts write on it.
func annotated(t *testing.T, item *krm.KubeObject) *krm.KubeObject {
	t.Helper()
	for key, value := range hostNotes {
		if err := item.SetAnnotation(key, value); err != nil {
			t.Fatal(err)
		}
	}
	return item
}

// rendered is the items after a first run.
func rendered(t *testing.T, d string, more ...string) krm.KubeObjects {
	t.Helper()
	return run(t, list("", append([]string{d, platform(), lockFor(t, d)}, more...)...), fn.Config{}).Items
}

// replace is the items as text, with one kind's item replaced.
func replace(items krm.KubeObjects, kind, by string) []string {
	var out []string
	for _, item := range items {
		if item.GetKind() == kind {
			if by != "" {
				out = append(out, by)
			}
			continue
		}
		out = append(out, item.String())
	}
	return out
}

// TestUnchangedItemIsUntouched: comments, order of fields and spelling belong
// to the file's owner as long as it says what would be generated.
func TestUnchangedItemIsUntouched(t *testing.T) {
	items := rendered(t, deployment("v7", canary))
	service := annotated(t, one(t, items, "InferenceService")).String()
	ours := strings.Replace(service, "canaryTrafficPercent: 10", "canaryTrafficPercent: 10.0 # ten", 1)
	ours = "# reviewed\n" + strings.Replace(ours, "  name: fraud\n", "  name: 'fraud'\n", 1)
	if !strings.Contains(ours, "# ten") || !strings.Contains(ours, "'fraud'") {
		t.Fatalf("nothing was edited:\n%s", ours)
	}
	out := run(t, list("", replace(items, "InferenceService", ours)...), fn.Config{})
	if diff := cmp.Diff(ours, one(t, out.Items, "InferenceService").String()); diff != "" {
		t.Errorf("-in +out:\n%s", diff)
	}
}

// TestChangedItemKeepsItsPlace: another content, in the file where it stood.
func TestChangedItemKeepsItsPlace(t *testing.T) {
	items := rendered(t, deployment("v7", canary))
	service := annotated(t, one(t, items, "InferenceService"))
	if err := service.SetAnnotation("example.com/edited", "by hand"); err != nil {
		t.Fatal(err)
	}
	moved := deployment("v7", strings.Replace(canary, "10", "25", 1))
	out := run(t, list("", replace(items, "ModelDeployment", moved)...), fn.Config{})
	got := one(t, out.Items, "InferenceService")
	if weight, _, err := got.NestedInt64("spec", "predictor", "canaryTrafficPercent"); weight != 25 || err != nil {
		t.Errorf("weight %d, %v", weight, err)
	}
	for key, want := range hostNotes {
		if note := got.GetAnnotation(key); note != want {
			t.Errorf("%s is %q, want %q as it was", key, note, want)
		}
	}
	if got.GetAnnotation("example.com/edited") != "" {
		t.Error("an annotation that modelfn does not generate survived in its own object")
	}
}

// TestPrune: what an earlier render made for this deployment and this one does
// not is removed; nothing else ever is.
func TestPrune(t *testing.T) {
	label := func(kind, name, namespace, deployment, managed string) string {
		return "apiVersion: any/v1\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n  namespace: " + namespace +
			"\n  labels: {app.kubernetes.io/managed-by: " + managed + ", modelfn.dev/deployment: " + deployment + "}" +
			"\n  annotations: {modelfn.dev/source: x}\n"
	}
	stale := []string{label("NamespacedImageValidatingPolicy", "stale", "ml-serving", "fraud", "modelfn")}
	for _, key := range []string{"digest", "revision", "unsigned"} {
		stale = append(stale, strings.Replace(label("InferenceService", "stale-"+key, "ml-serving", "fraud", "modelfn"), "modelfn.dev/source", "modelfn.dev/"+key, 1))
	}
	kept := []string{
		label("InferenceService", "other-deployment", "ml-serving", "toy", "modelfn"),
		label("InferenceService", "other-namespace", "default", "fraud", "modelfn"),
		label("InferenceService", "other-manager", "ml-serving", "fraud", "Helm"),
		label("Secret", "other-kind", "ml-serving", "fraud", "modelfn"),
		strings.Replace(label("InferenceService", "labels-alone", "ml-serving", "fraud", "modelfn"), "\n  annotations: {modelfn.dev/source: x}", "", 1),
		"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: foreign\n  namespace: ml-serving\n",
	}
	out := run(t, list("", append(text(rendered(t, deployment("v7", canary))), append(kept, stale...)...)...), fn.Config{})
	for _, item := range out.Items {
		if strings.HasPrefix(item.GetName(), "stale") {
			t.Errorf("what an earlier render made is still there: %s", item.GetName())
		}
	}
	for _, want := range kept {
		if !slices.ContainsFunc(out.Items, func(o *krm.KubeObject) bool { return o.String() == want }) {
			t.Errorf("removed or changed:\n%s", want)
		}
	}
}

// TestRemovingTheCanaryKeepsTheRest: the objects stay, without the canary.
func TestRemovingTheCanaryKeepsTheRest(t *testing.T) {
	before := rendered(t, deployment("v7", canary))
	without := run(t, list("", replace(before, "ModelDeployment", deployment("v7"))...), fn.Config{}).Items
	if diff := cmp.Diff(names(before), names(without)); diff != "" {
		t.Errorf("-with +without:\n%s", diff)
	}
	service := one(t, without, "InferenceService").String()
	if strings.Contains(service, "canaryTrafficPercent") {
		t.Errorf("the canary is still there:\n%s", service)
	}
}

// TestEngineNonePrunesThePolicy: a kind that is no longer generated goes.
func TestEngineNonePrunesThePolicy(t *testing.T) {
	before := rendered(t, deployment("v7"))
	one(t, before, "NamespacedImageValidatingPolicy")
	after := run(t, list("", replace(before, "ModelPlatform", platform("policy: {engine: None}"))...), fn.Config{}).Items
	if got := names(after); slices.ContainsFunc(got, func(n string) bool { return strings.Contains(n, "Policy") }) {
		t.Errorf("items %v", got)
	}
}

// TestPruneOfTheCluster: what has no namespace says by its name whose it is.
func TestPruneOfTheCluster(t *testing.T) {
	admission := platform("policy: {engine: ValidatingAdmissionPolicy, onGap: Warn}")
	before := rendered(t, deployment("v7"))
	there := run(t, list("", replace(before, "ModelPlatform", admission)...), fn.Config{}).Items
	policy := one(t, there, "ValidatingAdmissionPolicy")
	one(t, there, "ValidatingAdmissionPolicyBinding")
	// That of a deployment which is not here.
	other := strings.ReplaceAll(policy.String(), "modelfn.ml-serving.fraud", "modelfn.elsewhere.fraud")
	out, _, findings := fn.Run(t.Context(), list("", append(replace(there, "ModelPlatform", platform()), other)...), fn.Config{})
	after := parse(t, out).Items
	if diff := cmp.Diff(sorted(append(names(before), "ValidatingAdmissionPolicy/modelfn.elsewhere.fraud")), sorted(names(after))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(findings) != 1 || findings[0].Rule != "orphaned-object" || findings[0].Resource.Name != "modelfn.elsewhere.fraud" {
		t.Errorf("findings %v, want one about the other", findings)
	}
}

// TestNameTaken: an object that modelfn did not make is never overwritten.
func TestNameTaken(t *testing.T) {
	d := deployment("v7")
	theirs := "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: fraud\n  namespace: ml-serving\nspec: {predictor: {model: {storageUri: 's3://theirs'}}}\n"
	out, _, findings := fn.Run(t.Context(), list("", d, platform(), lockFor(t, d), theirs), fn.Config{})
	wantRule(t, findings, "name-taken", "the package has one of the name that modelfn did not make")
	if got := one(t, parse(t, out).Items, "InferenceService").String(); got != theirs {
		t.Errorf("changed to:\n%s", got)
	}
}

// TestKustomizeItems: kustomize would emit modelfn's kinds, which no cluster
// knows, and has no files to write to.
func TestKustomizeItems(t *testing.T) {
	mark := func(item string) string {
		return strings.Replace(item, "metadata:\n", "metadata:\n  annotations:\n    kustomize.config.k8s.io/id: |\n      kind: x\n", 1)
	}
	d := deployment("v7")
	lock := strings.Replace(lockFor(t, d), "  annotations:\n", "  annotations:\n    kustomize.config.k8s.io/id: x\n", 1)
	foreign := mark("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n")
	out := run(t, list(platform(), mark(d), lock, foreign), fn.Config{}).Items
	want := []string{"NamespacedImageValidatingPolicy/modelfn-fraud", "InferenceService/fraud", "ConfigMap/modelfn-fraud", "ConfigMap/other"}
	if diff := cmp.Diff(sorted(want), sorted(names(out))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if path := one(t, out, "InferenceService").GetAnnotation(pathKey); path != "" {
		t.Errorf("a new item is to be written to %q", path)
	}
	if !slices.ContainsFunc(out, func(o *krm.KubeObject) bool { return o.String() == foreign }) {
		t.Errorf("a foreign item was changed:\n%s", text(out))
	}
}

// TestKptItems: in kpt modelfn's kinds stay in their files, and what is new
// goes to a file beside its deployment's.
func TestKptItems(t *testing.T) {
	d := strings.Replace(deployment("v7"), "metadata:\n", "metadata:\n  annotations:\n    "+pathKey+": models/fraud.yaml\n    "+indexKey+": '0'\n", 1)
	in := list("", d, platform(), lockFor(t, d))
	out := run(t, in, fn.Config{}).Items
	for _, kind := range []string{"ModelDeployment", "ModelPlatform", "ModelLock"} {
		if want, got := one(t, parse(t, in).Items, kind).String(), one(t, out, kind).String(); want != got {
			t.Errorf("%s changed:\n%s", kind, cmp.Diff(want, got))
		}
	}
	places := map[string]string{}
	for _, kind := range []string{"InferenceService", "NamespacedImageValidatingPolicy"} {
		item := one(t, out, kind)
		places[item.GetAnnotation(pathKey)+" "+item.GetAnnotation(indexKey)] = kind
	}
	want := map[string]string{"models/fraud.modelfn.yaml 0": "NamespacedImageValidatingPolicy", "models/fraud.modelfn.yaml 1": "InferenceService"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// TestNewItemGetsItsOwnIndex: the file may hold objects of an earlier render.
func TestNewItemGetsItsOwnIndex(t *testing.T) {
	d := strings.Replace(deployment("v7"), "metadata:\n", "metadata:\n  annotations:\n    "+pathKey+": fraud.yaml\n", 1)
	before := run(t, list("", d, platform("policy: {engine: None}"), lockFor(t, d)), fn.Config{}).Items
	after := run(t, list("", replace(before, "ModelPlatform", platform())...), fn.Config{}).Items
	seen := map[string]string{}
	for _, item := range after {
		place := item.GetAnnotation(pathKey) + " " + item.GetAnnotation(indexKey)
		if other, taken := seen[place]; taken && item.GetAnnotation(indexKey) != "" {
			t.Errorf("%s and %s are both at %q", other, item.GetName(), place)
		}
		seen[place] = item.GetName()
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
