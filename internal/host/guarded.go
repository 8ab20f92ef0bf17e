package host

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/generators"
)

// guardedGroups are the API groups whose objects serve models or guard them.
// None may leave a build unless modelfn made it or the platform allows it.
var guardedGroups = []string{
	// What serves: KServe, and what it is made of or stands beside it.
	"serving.kserve.io", "serving.knative.dev",
	"machinelearning.seldon.io", "mlops.seldon.io", "ray.io",
	// What guards.
	"kyverno.io", "policies.kyverno.io",
	"admissionregistration.k8s.io",
	"templates.gatekeeper.sh", "constraints.gatekeeper.sh",
	"mutations.gatekeeper.sh", "expansion.gatekeeper.sh", "config.gatekeeper.sh",
	// What carries objects that are not in this stream, and that nobody here judges:
	// Flux, Crossplane, Carvel, KubeVela, kro, Open Cluster Management, Rancher, Cluster API.
	"kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "kubernetes.crossplane.io",
	"kubernetes.m.crossplane.io", "fluxcd.controlplane.io", "kappctrl.k14s.io", "core.oam.dev", "kro.run",
	"work.open-cluster-management.io", "apps.open-cluster-management.io", "policy.open-cluster-management.io",
	"helm.cattle.io", "fleet.cattle.io", "addons.cluster.x-k8s.io",
}

// guarded tells whether the gate judges an object.
func guarded(tree map[string]any, o objectIdentity) bool {
	group, _, _ := strings.Cut(o.apiVersion, "/")
	switch {
	case slices.Contains(guardedGroups, group), labelled(tree):
		return true
	case group == "apiextensions.k8s.io", group == "apiregistration.k8s.io":
		// A definition, or an API service, of a guarded group replaces it.
		return replacesGuarded(tree)
	case group == "argoproj.io":
		// Other applications render what this one may not.
		return slices.Contains([]string{"Application", "ApplicationSet", "AppProject"}, o.kind)
	case o.kind == "Namespace" && group == "v1":
		return exempt(tree)
	case o.kind == "ConfigMap":
		// KServe reads its storage initializer, Kyverno what it skips, from these.
		return o.name == "inferenceservice-config" || o.name == "kyverno"
	}
	return false
}

// exempt tells whether a namespace has a label by which webhooks and policies pass
// it over: KServe's and many others', Gatekeeper's, and those of the baseline.
func exempt(tree map[string]any) bool {
	labels := textMap(tree, "labels")
	for _, key := range []string{"control-plane", "admission.gatekeeper.sh/ignore", generators.GuardLabel} {
		if _, there := labels[key]; there {
			return true
		}
	}
	return false
}

func replacesGuarded(tree map[string]any) bool {
	spec, _ := tree["spec"].(map[string]any)
	group, _ := spec["group"].(string)
	name := parseIdentity(tree).name
	return slices.Contains(guardedGroups, group) ||
		slices.ContainsFunc(guardedGroups, func(g string) bool { return strings.HasSuffix(name, "."+g) })
}

// harmless tells whether a label or annotation may be added to a generated
// object after modelfn made it. The list is of what is known to mean nothing to
// what serves or guards: injectors (OpenTelemetry, Vault, Multus), Argo CD hooks
// and sync options, Flux's switches and many others act on theirs. Others are
// added before modelfn expands, by the outermost kustomization.
func harmless(key string) bool {
	domain, _, prefixed := strings.Cut(key, "/")
	switch {
	case !prefixed:
		// "control-plane" takes an object out of admission in some installations.
		return key != "control-plane"
	case domain == "app.kubernetes.io":
		return key != generators.ManagedByLabel
	}
	return slices.Contains([]string{
		// How Argo CD knows its own.
		"argocd.argoproj.io/instance", "argocd.argoproj.io/tracking-id",
		// kustomize's buildMetadata.
		"config.kubernetes.io/origin", "alpha.config.kubernetes.io/transformations",
	}, key)
}

// inert tells whether KServe leaves a value as it is: of an LLMInferenceService it
// executes the labels and annotations, too, as templates.
func inert(value any) bool {
	text, ok := value.(string)
	return ok && !strings.Contains(text, "{{")
}
