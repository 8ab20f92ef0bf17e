package e2e_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

const (
	teamProject     = "../examples/argocd/project.yaml"
	baselineProject = "../examples/argocd/baseline-project.yaml"
	baselineApp     = "../examples/argocd/baseline.yaml"

	teamRepo, platformRepo = "https://git.example.com/ml/models.git", "https://git.example.com/platform/models.git"
	thisServer             = "https://kubernetes.default.svc"
)

// renderedKinds are the kinds of all golden cases, which are all that there are
// (generators.TestAllKindsAreRendered), and whether they are namespaced.
func renderedKinds(t *testing.T) map[schema.GroupKind]bool {
	t.Helper()
	files, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[schema.GroupKind]bool{}
	for _, file := range files {
		for _, o := range parse(t, read(t, file)) {
			kind := o.GroupVersionKind().GroupKind()
			kinds[kind] = kind.Group != "admissionregistration.k8s.io" && kind.Group != "constraints.gatekeeper.sh"
		}
	}
	if len(kinds) == 0 {
		t.Fatal("no golden cases: are they elsewhere?")
	}
	return kinds
}

// permits judges kinds by a project, each namespaced or not.
func permits(t *testing.T, project string, kinds map[schema.GroupKind]bool, want func(schema.GroupKind) bool) {
	t.Helper()
	var objects []host.Deployed
	for kind, namespaced := range kinds {
		objects = append(objects, host.Deployed{Group: kind.Group, Kind: kind.Kind, Namespaced: namespaced, Server: thisServer})
	}
	for i, got := range host.JudgeProject(t, project, "", objects) {
		kind := schema.GroupKind{Group: objects[i].Group, Kind: objects[i].Kind}
		if got.Kind != want(kind) {
			t.Errorf("%s: permitted: %t", kind, got.Kind)
		}
	}
}

// classicPolicy is what an engine renders that the examples are not for: it could
// change objects as well.
var classicPolicy = schema.GroupKind{Group: "kyverno.io", Kind: "Policy"}

// TestProjectTakesWhatIsRendered: Argo CD lets a team's applications have each kind
// that is rendered, but those of the cluster.
func TestProjectTakesWhatIsRendered(t *testing.T) {
	kinds := renderedKinds(t)
	permits(t, teamProject, kinds, func(k schema.GroupKind) bool { return kinds[k] && k != classicPolicy })
	permits(t, baselineProject, kinds, func(k schema.GroupKind) bool { return k.Group == "admissionregistration.k8s.io" })
}

// TestProjectOfBaseline: Argo CD lets the platform's application have each kind of
// the baseline, and no team's.
func TestProjectOfBaseline(t *testing.T) {
	kinds := map[schema.GroupKind]bool{}
	for _, o := range append(baseline(t, nil), baselineOf(t, read(t, "../testdata/scope-platform/platform.yaml"))...) {
		kinds[o.GroupVersionKind().GroupKind()] = o.GetNamespace() != ""
	}
	if len(kinds) != 4 {
		t.Errorf("%d kinds: %v", len(kinds), kinds)
	}
	permits(t, baselineProject, kinds, func(schema.GroupKind) bool { return true })
	permits(t, teamProject, kinds, func(schema.GroupKind) bool { return false })
	host.JudgeProject(t, baselineProject, baselineApp, nil)
}

// others are kinds that the API server of these tests has no definition of, and
// that decide what runs, who may do what, or who is judged; true where they are
// namespaced.
var others = map[schema.GroupKind]bool{
	{Kind: "Namespace"}: false, {Kind: "Pod"}: true, {Kind: "PodTemplate"}: true, {Kind: "ReplicationController"}: true,
	{Kind: "Secret"}: true, {Kind: "ServiceAccount"}: true, {Kind: "PersistentVolume"}: false, {Kind: "PersistentVolumeClaim"}: true,
	{Group: "apps", Kind: "Deployment"}: true, {Group: "apps", Kind: "StatefulSet"}: true, {Group: "apps", Kind: "DaemonSet"}: true, {Group: "apps", Kind: "ReplicaSet"}: true,
	{Group: "batch", Kind: "Job"}: true, {Group: "batch", Kind: "CronJob"}: true,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}: true, {Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}: true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}: false, {Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}: false,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration"}: false,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration"}:   false,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicy"}:        false,
	{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicyBinding"}: false,
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:               false,
	{Group: "apiregistration.k8s.io", Kind: "APIService"}:                           false,
	{Group: "kyverno.io", Kind: "ClusterPolicy"}:                                    false, {Group: "kyverno.io", Kind: "Policy"}: true,
	{Group: "serving.knative.dev", Kind: "Service"}: true,
	{Group: "argoproj.io", Kind: "Application"}:     true,
	{Group: "argoproj.io", Kind: "ApplicationSet"}:  true,
	{Group: "argoproj.io", Kind: "AppProject"}:      true,
}

// TestProjectsDeny: of all kinds of KServe, Kyverno and the Gateway API no team's
// application may have any that is not rendered, and no other that decides what runs.
// The baseline's may have no more than it is made of.
func TestProjectsDeny(t *testing.T) {
	kinds := map[schema.GroupKind]bool{}
	for kind, namespaced := range others {
		kinds[kind] = namespaced
	}
	var definition cluster.Object
	definition.SetAPIVersion("apiextensions.k8s.io/v1")
	definition.SetKind("CustomResourceDefinition")
	definitions, err := bare.Get(t).List(t.Context(), &definition)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions {
		kind := schema.GroupKind{Group: fieldOf[string](t, d.Object, "spec", "group"), Kind: fieldOf[string](t, d.Object, "spec", "names", "kind")}
		kinds[kind] = fieldOf[string](t, d.Object, "spec", "scope") == "Namespaced"
	}
	for _, kind := range []schema.GroupKind{
		{Group: "serving.kserve.io", Kind: "ServingRuntime"}, {Group: "serving.kserve.io", Kind: "ClusterServingRuntime"},
		{Group: "serving.kserve.io", Kind: "ClusterStorageContainer"}, {Group: "serving.kserve.io", Kind: "LLMInferenceServiceConfig"},
		{Group: "kyverno.io", Kind: "PolicyException"},
		{Group: "policies.kyverno.io", Kind: "PolicyException"}, {Group: "policies.kyverno.io", Kind: "NamespacedMutatingPolicy"},
	} {
		if _, known := kinds[kind]; !known {
			t.Errorf("the API server does not know %s", kind)
		}
	}
	ours := renderedKinds(t)
	permits(t, teamProject, kinds, func(k schema.GroupKind) bool { return ours[k] && k != classicPolicy })
	permits(t, baselineProject, kinds, func(k schema.GroupKind) bool {
		return k.Kind == "ClusterStorageContainer" || k == schema.GroupKind{Group: "policies.kyverno.io", Kind: "ImageValidatingPolicy"}
	})
}

// TestProjectsEnd where their namespaces and repositories do.
func TestProjectsEnd(t *testing.T) {
	at := func(namespace, repo string) host.Deployed {
		return host.Deployed{Group: "serving.kserve.io", Kind: "InferenceService", Namespaced: true, Server: thisServer, Namespace: namespace, Repo: repo}
	}
	objects := []host.Deployed{at("ml-serving", teamRepo), at("kserve", platformRepo), at("argocd", teamRepo), at("kube-system", teamRepo), at("", teamRepo)}
	elsewhere := at("ml-serving", teamRepo)
	elsewhere.Server = "https://other.example.com"
	objects = append(objects, elsewhere)
	want := []host.Permitted{
		{Kind: true, Destination: true, Source: true}, {Kind: true}, {Kind: true, Source: true}, {Kind: true, Source: true}, {Kind: true, Source: true}, {Kind: true, Source: true},
	}
	if diff := cmp.Diff(want, host.JudgeProject(t, teamProject, "", objects)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
