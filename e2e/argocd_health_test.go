package e2e_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// live are objects as the cluster has them, and their health by Argo CD: as it comes,
// and with examples/argocd/health.yaml. No health is that of kinds that Argo CD waits
// for no longer than until they are applied.
var live = map[string]struct{ object, builtIn, customized string }{
	"InferenceService, new": {`{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}}`, "Progressing", "Progressing"},
	"InferenceService, starting": {`{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}, status: {
		modelStatus: {transitionStatus: InProgress}, conditions: [{type: PredictorReady, status: "False"}, {type: Ready, status: "False"}]}}`, "Progressing", "Progressing"},
	"InferenceService, ready": {`{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}, status: {
		modelStatus: {transitionStatus: UpToDate}, conditions: [{type: PredictorReady, status: "True"}, {type: Ready, status: "True"}]}}`, "Healthy", "Healthy"},
	"InferenceService, failed": {`{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}, status: {
		modelStatus: {transitionStatus: BlockedByFailedLoad}, conditions: [{type: PredictorReady, status: "False"}, {type: Ready, status: "False"}]}}`, "Degraded", "Degraded"},

	"LLMInferenceService, new": {`{apiVersion: serving.kserve.io/v1alpha2, kind: LLMInferenceService, metadata: {name: a, generation: 1}}`, "", "Progressing"},
	"LLMInferenceService, starting": {`{apiVersion: serving.kserve.io/v1alpha2, kind: LLMInferenceService, metadata: {name: a, generation: 1}, status: {observedGeneration: 1,
		conditions: [{type: WorkloadsReady, status: "False"}, {type: Ready, status: "False", message: no replicas}]}}`, "", "Progressing"},
	"LLMInferenceService, ready": {`{apiVersion: serving.kserve.io/v1alpha2, kind: LLMInferenceService, metadata: {name: a, generation: 2}, status: {observedGeneration: 2,
		conditions: [{type: WorkloadsReady, status: "True"}, {type: Ready, status: "True"}]}}`, "", "Healthy"},
	"LLMInferenceService, ready before the change": {`{apiVersion: serving.kserve.io/v1alpha2, kind: LLMInferenceService, metadata: {name: a, generation: 2}, status: {observedGeneration: 1,
		conditions: [{type: Ready, status: "True"}]}}`, "", "Progressing"},

	"NamespacedImageValidatingPolicy, new": {`{apiVersion: policies.kyverno.io/v1, kind: NamespacedImageValidatingPolicy, metadata: {name: a}}`, "", "Progressing"},
	"NamespacedImageValidatingPolicy, not asked": {`{apiVersion: policies.kyverno.io/v1, kind: NamespacedImageValidatingPolicy, metadata: {name: a}, status: {conditionStatus: {ready: false,
		conditions: [{type: WebhookConfigured, status: "False", message: Policy is not configured in the webhook.}]}}}`, "", "Progressing"},
	"NamespacedImageValidatingPolicy, ready": {`{apiVersion: policies.kyverno.io/v1, kind: NamespacedImageValidatingPolicy, metadata: {name: a}, status: {conditionStatus: {ready: true,
		conditions: [{type: WebhookConfigured, status: "True", message: Webhook configured.}]}}}`, "", "Healthy"},
	"NamespacedValidatingPolicy, new":   {`{apiVersion: policies.kyverno.io/v1, kind: NamespacedValidatingPolicy, metadata: {name: a}}`, "", "Progressing"},
	"NamespacedValidatingPolicy, ready": {`{apiVersion: policies.kyverno.io/v1, kind: NamespacedValidatingPolicy, metadata: {name: a}, status: {conditionStatus: {ready: true}}}`, "", "Healthy"},
	"Policy, new":                       {`{apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: a}}`, "Progressing", "Progressing"},
	"Policy, ready": {`{apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: a}, status: {
		conditions: [{type: Ready, status: "True", reason: Succeeded, message: Ready}]}}`, "Healthy", "Healthy"},

	"HTTPRoute, new": {`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}}`, "Progressing", "Progressing"},
	"HTTPRoute, accepted": {`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, status: {parents: [{parentRef: {name: front},
		conditions: [{type: Accepted, status: "True"}, {type: ResolvedRefs, status: "True"}]}]}}`, "Healthy", "Healthy"},
	"HTTPRoute to nowhere": {`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, status: {parents: [{parentRef: {name: front},
		conditions: [{type: Accepted, status: "True"}, {type: ResolvedRefs, status: "False", message: no such Service}]}]}}`, "Degraded", "Degraded"},
	"GRPCRoute, accepted": {`{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a}, status: {parents: [{parentRef: {name: front},
		conditions: [{type: Accepted, status: "True"}, {type: ResolvedRefs, status: "True"}]}]}}`, "Healthy", "Healthy"},

	// In force when they are applied, or a moment later.
	"Service":                          {`{apiVersion: v1, kind: Service, metadata: {name: a}}`, "Healthy", "Healthy"},
	"ConfigMap":                        {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}`, "", ""},
	"ValidatingAdmissionPolicy":        {`{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: a}, status: {typeChecking: {}}}`, "", ""},
	"ValidatingAdmissionPolicyBinding": {`{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: a}}`, "", ""},
	"ClusterStorageContainer":          {`{apiVersion: serving.kserve.io/v1alpha1, kind: ClusterStorageContainer, metadata: {name: a}}`, "", ""},
	"ImageValidatingPolicy":            {`{apiVersion: policies.kyverno.io/v1, kind: ImageValidatingPolicy, metadata: {name: a}}`, "", ""},
	"ModelfnDeployment":                {`{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: ModelfnDeployment, metadata: {name: a}}`, "", ""},
	"ConstraintTemplate":               {`{apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate, metadata: {name: a}}`, "", ""},
}

// TestArgoCDHealth: what an order of the rendered objects waits for has a health, by
// Argo CD itself or by what the examples add to it.
func TestArgoCDHealth(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "argocd-cm.yaml")
	write(t, settings, toYAML(t, installed(t)["ConfigMap argocd-cm"].Object))
	seen := map[string]bool{}
	var names []string
	var objects []*cluster.Object
	for _, name := range slices.Sorted(maps.Keys(live)) {
		object := parse(t, live[name].object)[0]
		names, objects = append(names, name), append(objects, object)
		seen[object.GetKind()] = true
	}
	builtIn := host.AppJudge{}.Health(t, streamOf(t, objects))
	customized := host.AppJudge{Settings: settings}.Health(t, streamOf(t, objects))
	for i, name := range names {
		for _, of := range []struct {
			by, want string
			got      host.Health
		}{{"Argo CD", live[name].builtIn, builtIn[i]}, {"the customization", live[name].customized, customized[i]}} {
			if of.got.Status != of.want || of.want != "" && of.want != "Healthy" && of.got.Message == "" {
				t.Errorf("%s, by %s: %+v, want %s", name, of.by, of.got, of.want)
			}
		}
	}
	for kind := range renderedKinds(t) {
		if !seen[kind.Kind] {
			t.Errorf("what is the health of %s?", kind)
		}
	}
}
