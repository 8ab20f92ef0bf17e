package host

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
)

const service = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: fraud
  namespace: ml
  labels:
    app.kubernetes.io/managed-by: modelfn
    modelfn.dev/deployment: fraud
  annotations:
    modelfn.dev/digest: sha256:aa
spec:
  predictor:
    minReplicas: 0
    model:
      storageUri: oci://r.example/fraud@sha256:aa
`

const guard = `apiVersion: policies.kyverno.io/v1
kind: NamespacedImageValidatingPolicy
metadata:
  name: modelfn-fraud
  namespace: ml
  labels:
    app.kubernetes.io/managed-by: modelfn
    modelfn.dev/deployment: fraud
spec:
  validationActions:
  - Deny
`

// gate judges a stream after service and guard were generated.
func gate(t *testing.T, stream string, allowed ...v1alpha1.ForeignObject) finding.List {
	t.Helper()
	items, err := parseObjects([]byte(stream))
	if err != nil {
		t.Fatal(err)
	}
	var generated []json.RawMessage
	for _, text := range []string{service, guard} {
		raw, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		generated = append(generated, raw)
	}
	return Gate(items, generated, allowed, nil)
}

// replaced is the service with one text in place of another.
func replaced(t *testing.T, before, after string) string {
	t.Helper()
	if strings.Count(service, before) != 1 {
		t.Fatalf("%q stands %d times in the service", before, strings.Count(service, before))
	}
	return strings.Replace(service, before, after, 1)
}

func noted(t *testing.T, line string) string {
	t.Helper()
	return replaced(t, "    modelfn.dev/digest: sha256:aa\n", "    modelfn.dev/digest: sha256:aa\n    "+line+"\n")
}

func TestGateAccepts(t *testing.T) {
	foreign := v1alpha1.ForeignObject{Kind: "InferenceService", Name: "raw"}
	const raw = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: raw, namespace: ml}\n"
	for name, tt := range map[string]struct {
		reason, stream string
		allowed        []v1alpha1.ForeignObject
	}{
		"as generated":       {"nothing changed", service + "---\n" + guard, nil},
		"other order":        {"the order is kustomize's", guard + "---\n" + service, nil},
		"prefix, suffix":     {"names may be transformed", replaced(t, "name: fraud\n", "name: eu-fraud-v2\n") + "---\n" + guard, nil},
		"another's label":    {"teams label everything", replaced(t, "  labels:\n", "  labels:\n    team: risk\n    app.kubernetes.io/part-of: shop\n") + "---\n" + guard, nil},
		"kustomize's origin": {"buildMetadata says where objects come from", noted(t, "config.kubernetes.io/origin: x") + "---\n" + guard, nil},
		"objects beside":     {"a build holds more than models", service + "---\n" + guard + "---\n" + configMap + "a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n", nil},
		"allowed":            {"the platform says so", service + "---\n" + guard + "---\n" + raw, []v1alpha1.ForeignObject{foreign}},
		"CRD of another":     {"a definition of what serves nothing", service + "---\n" + guard + "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com}\n", nil},
		"namespace":          {"a namespace with its own labels", service + "---\n" + guard + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ml, labels: {team: risk}}\n", nil},
		"Argo CD's own":      {"how Argo CD knows its objects", noted(t, "argocd.argoproj.io/tracking-id: x") + "---\n" + guard, nil},
		"spelled otherwise":  {"YAML has many spellings of one value", replaced(t, "minReplicas: 0", `"minReplicas": 0x0`) + "---\n" + guard, nil},
		"items that is text": {"only lists are unpacked", service + "---\n" + guard + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {items: \"[]\"}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if findings := gate(t, tt.stream, tt.allowed...); len(findings) > 0 {
				t.Errorf("%s: %v", tt.reason, findings)
			}
		})
	}
}

func TestGateRefusesChanges(t *testing.T) {
	const changed = "changed-object: it was changed after modelfn generated it: "
	for name, tt := range map[string]struct {
		stream string
		want   []string
	}{
		"storage":          {replaced(t, "oci://r.example/fraud@sha256:aa", "s3://evil"), []string{changed + "spec.predictor.model.storageUri"}},
		"added field":      {replaced(t, "    model:\n", "    model:\n      args: [--model_dir=s3://evil]\n"), []string{changed + "spec.predictor.model.args"}},
		"removed field":    {replaced(t, "    minReplicas: 0\n", ""), []string{changed + "spec.predictor.minReplicas"}},
		"status":           {service + "status: {}\n", []string{changed + "status"}},
		"namespace":        {replaced(t, "namespace: ml", "namespace: other"), []string{changed + "metadata.namespace"}},
		"digest note":      {replaced(t, "digest: sha256:aa", "digest: sha256:bb"), []string{changed + "metadata.annotations.modelfn.dev/digest"}},
		"label":            {replaced(t, "modelfn.dev/deployment: fraud", "modelfn.dev/deployment: other"), []string{changed + "metadata.labels.modelfn.dev/deployment"}},
		"KServe's note":    {noted(t, "internal.serving.kserve.io/localmodel: x"), []string{changed + "metadata.annotations.internal.serving.kserve.io/localmodel"}},
		"our note":         {noted(t, "modelfn.dev/extra: x"), []string{changed + "metadata.annotations.modelfn.dev/extra"}},
		"Argo CD's hook":   {noted(t, "argocd.argoproj.io/hook: Skip"), []string{changed + "metadata.annotations.argocd.argoproj.io/hook"}},
		"Helm's hook":      {noted(t, "helm.sh/hook: post-delete"), []string{changed + "metadata.annotations.helm.sh/hook"}},
		"sync wave":        {noted(t, `argocd.argoproj.io/sync-wave: "1"`), []string{changed + "metadata.annotations.argocd.argoproj.io/sync-wave"}},
		"sync options":     {noted(t, `argocd.argoproj.io/sync-options: "1"`), []string{changed + "metadata.annotations.argocd.argoproj.io/sync-options"}},
		"Flux's switch":    {noted(t, `kustomize.toolkit.fluxcd.io/reconcile: "1"`), []string{changed + "metadata.annotations.kustomize.toolkit.fluxcd.io/reconcile"}},
		"an injector":      {noted(t, `vault.hashicorp.com/agent-inject: "1"`), []string{changed + "metadata.annotations.vault.hashicorp.com/agent-inject"}},
		"another's note":   {noted(t, `example.com/owner: "1"`), []string{changed + "metadata.annotations.example.com/owner"}},
		"a template":       {noted(t, "note: '{{ .Name }}'"), []string{changed + "metadata.annotations.note"}},
		"out of admission": {replaced(t, "  labels:\n", "  labels:\n    control-plane: x\n"), []string{changed + "metadata.labels.control-plane"}},
		"finalizers":       {replaced(t, "  namespace: ml\n", "  namespace: ml\n  finalizers: [x/y]\n"), []string{changed + "metadata.finalizers"}},
		"owner":            {replaced(t, "  namespace: ml\n", "  namespace: ml\n  ownerReferences: []\n"), []string{changed + "metadata.ownerReferences"}},
		"name":             {replaced(t, "name: fraud\n", "name: other\n"), []string{"foreign-object: it serves or guards models, and modelfn did not generate it", "missing-object: modelfn generated it, and it is not in the result"}},
		"kind":             {replaced(t, "kind: InferenceService", "kind: LLMInferenceService"), []string{"foreign-object: it serves or guards models, and modelfn did not generate it", "missing-object: modelfn generated it, and it is not in the result"}},
		"gone":             {"", []string{"missing-object: modelfn generated it, and it is not in the result"}},
		"twice":            {service + "---\n" + replaced(t, "name: fraud\n", "name: second-fraud\n"), []string{"foreign-object: it serves or guards models, and modelfn did not generate it"}},
	} {
		t.Run(name, func(t *testing.T) {
			findings := gate(t, tt.stream+"---\n"+guard)
			if diff := cmp.Diff(tt.want, summary(findings)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, f := range findings {
				if f.Fix == "" || f.Severity != finding.Error || f.Resource.Kind == "" {
					t.Errorf("no fix, error or resource: %+v", f)
				}
			}
		})
	}
}

func TestGateRefusesForeign(t *testing.T) {
	const (
		foreign = "foreign-object: it serves or guards models, and modelfn did not generate it"
		list    = "list-object: Argo CD and kubectl unpack lists; build judges single objects"
	)
	object := func(apiVersion, kind, rest string) string {
		return "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: x, namespace: ml}\n" + rest
	}
	for name, tt := range map[string]struct {
		object  string
		allowed v1alpha1.ForeignObject
		want    string
	}{
		"another version":               {object: object("serving.kserve.io/v1alpha1", "TrainedModel", ""), want: foreign},
		"runtime":                       {object: object("serving.kserve.io/v1alpha1", "ServingRuntime", ""), want: foreign},
		"policy":                        {object: object("kyverno.io/v1", "ClusterPolicy", ""), want: foreign},
		"exception":                     {object: object("policies.kyverno.io/v1", "PolicyException", ""), want: foreign},
		"webhook":                       {object: object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", ""), want: foreign},
		"admission policy":              {object: object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", ""), want: foreign},
		"constraint":                    {object: object("constraints.gatekeeper.sh/v1beta1", "Any", ""), want: foreign},
		"mutation":                      {object: object("mutations.gatekeeper.sh/v1", "Assign", ""), want: foreign},
		"exempt namespaces":             {object: object("config.gatekeeper.sh/v1alpha1", "Config", ""), want: foreign},
		"Knative":                       {object: object("serving.knative.dev/v1", "Service", ""), want: foreign},
		"definition of a guarded kind":  {object: object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {group: serving.kserve.io}\n"), want: foreign},
		"API service of a guarded kind": {object: object("apiregistration.k8s.io/v1", "APIService", "spec: {group: policies.kyverno.io}\n"), want: foreign},
		"another application":           {object: object("argoproj.io/v1alpha1", "Application", ""), want: foreign},
		"Flux":                          {object: object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", ""), want: foreign},
		"another cluster's":             {object: object("work.open-cluster-management.io/v1", "ManifestWork", ""), want: foreign},
		"a namespace without KServe":    {object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: ml, labels: {control-plane: x}}\n", want: foreign},
		"a namespace without baseline":  {object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: ml, labels: {modelfn.dev/baseline: Exempt}}\n", want: foreign},
		"a namespace without policies":  {object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: ml, labels: {admission.gatekeeper.sh/ignore: x}}\n", want: foreign},
		"KServe's configuration":        {object: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inferenceservice-config, namespace: kserve}\n", want: foreign},
		"claims our label":              {object: strings.Replace(object("v1", "ConfigMap", ""), "{", "{labels: {modelfn.dev/deployment: x}, ", 1), want: foreign},
		"managed by us":                 {object: strings.Replace(object("v1", "ConfigMap", ""), "{", "{labels: {app.kubernetes.io/managed-by: modelfn}, ", 1), want: foreign},
		"allowed, but labelled": {
			object:  strings.Replace(object("serving.kserve.io/v1beta1", "InferenceService", ""), "{", "{labels: {modelfn.dev/deployment: x}, ", 1),
			allowed: v1alpha1.ForeignObject{Kind: "InferenceService"}, want: foreign,
		},
		"allowed under another name":         {object: object("serving.kserve.io/v1beta1", "InferenceService", ""), allowed: v1alpha1.ForeignObject{Kind: "InferenceService", Name: "y"}, want: foreign},
		"allowed in another namespace":       {object: object("serving.kserve.io/v1beta1", "InferenceService", ""), allowed: v1alpha1.ForeignObject{Kind: "InferenceService", Namespace: "z"}, want: foreign},
		"allowed in another version":         {object: object("serving.kserve.io/v1beta1", "InferenceService", ""), allowed: v1alpha1.ForeignObject{Kind: "InferenceService", APIVersion: "v1"}, want: foreign},
		"binary tag":                         {object: object("serving.kserve.io/v1beta1", "!!binary SW5mZXJlbmNlU2VydmljZQ==", ""), want: foreign},
		"list":                               {object: object("v1", "List", "items: []\n"), want: list},
		"list of another name":               {object: object("example.com/v1", "Bag", "items: [{kind: InferenceService}]\n"), want: list},
		"list, though kind and name allowed": {object: object("serving.kserve.io/v1beta1", "InferenceServiceList", "items: []\n"), allowed: v1alpha1.ForeignObject{Kind: "InferenceServiceList"}, want: list},
	} {
		t.Run(name, func(t *testing.T) {
			got := summary(gate(t, service+"---\n"+guard+"---\n"+tt.object, tt.allowed))
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestGateNamesTheCopy: of two that look like what was generated the one with its name is
// it, whichever comes first.
func TestGateNamesTheCopy(t *testing.T) {
	another := strings.Replace(service, "name: fraud\n", "name: eu-fraud\n", 1)
	for name, stream := range map[string][]string{"copy first": {another, service, guard}, "copy last": {service, guard, another}} {
		findings := gate(t, strings.Join(stream, "---\n"))
		if len(findings) != 1 || findings[0].Rule != "foreign-object" || findings[0].Resource.Name != "eu-fraud" {
			t.Errorf("%s: %v, want eu-fraud refused as foreign", name, findings)
		}
	}
}

// TestGateRefusesDuplicateKeys: two programs may disagree about which holds.
func TestGateRefusesDuplicateKeys(t *testing.T) {
	findings := gate(t, service+"---\n"+guard+"---\n"+configMap+"a\nkind: InferenceService\n")
	if len(findings) != 1 || findings[0].Rule != "not-an-object" || !strings.Contains(findings[0].Message, `key "kind" already set`) {
		t.Errorf("got %v", findings)
	}
}

// TestGateHoldsBoundNames: signatures that name the deployment say nothing of an
// object that is renamed afterwards, however alike the names are, and routes lead
// to the name that it had. That signatures do stands on the record.
func TestGateHoldsBoundNames(t *testing.T) {
	const labels = "  labels:\n    app.kubernetes.io/managed-by: modelfn\n    modelfn.dev/deployment: fraud\n"
	const record = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: modelfn-fraud\n  namespace: ml\n" + labels
	const route = "metadata:\n  name: fraud\n  namespace: ml\n" + labels + "spec:\n  rules:\n  - backendRefs:\n    - name: fraud-predictor\n"
	for beside, reason := range map[string]string{
		record: "",
		record + "  annotations:\n    modelfn.dev/bound-name: fraud\n":        "metadata.name, which signatures name (binding: Name)",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n" + route: "metadata.name, by which its route leads to it",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\n" + route: "metadata.name, by which its route leads to it",
	} {
		var generated []json.RawMessage
		for _, text := range []string{beside, service} {
			raw, err := yaml.YAMLToJSON([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			generated = append(generated, raw)
		}
		for _, name := range []string{"fraud", "eu-fraud", "fraud-v2", "notfraudatall"} {
			items, err := parseObjects([]byte(beside + "---\n" + strings.Replace(service, "  name: fraud\n", "  name: "+name+"\n", 1)))
			if err != nil {
				t.Fatal(err)
			}
			findings := Gate(items, generated, nil, nil)
			if name == "fraud" || reason == "" {
				if len(findings) > 0 {
					t.Errorf("%s beside\n%s: %v", name, beside, findings)
				}
				continue
			}
			if len(findings) != 1 || findings[0].Rule != "changed-object" || !strings.Contains(findings[0].Message, reason) {
				t.Errorf("%s: want %q, got %v", name, reason, findings)
			}
		}
	}
}

// TestGateLeavesToPatches: what the platform names may change, and nothing beside it.
func TestGateLeavesToPatches(t *testing.T) {
	var generated []json.RawMessage
	for _, text := range []string{service, guard} {
		raw, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		generated = append(generated, raw)
	}
	allowed := []v1alpha1.PatchedFields{{Kind: "InferenceService", Fields: []string{
		"spec.predictor.minReplicas", "spec.predictor.nodeSelector", "spec.predictor.model.resources.limits.cpu",
		"spec.predictor.model.resources.requests", "spec.predictor.model.resources.claims",
		"metadata.annotations.sidecar.istio.io/inject",
	}}}
	for name, tt := range map[string]struct{ before, after, want string }{
		"changed":           {"minReplicas: 0", "minReplicas: 3", ""},
		"removed":           {"    minReplicas: 0\n", "", ""},
		"added":             {"    minReplicas: 0\n", "    minReplicas: 0\n    nodeSelector: {gpu: a100}\n", ""},
		"added below":       {"    model:\n", "    model:\n      resources: {limits: {cpu: \"2\"}}\n", ""},
		"a key with dots":   {"    modelfn.dev/digest: sha256:aa\n", "    modelfn.dev/digest: sha256:aa\n    sidecar.istio.io/inject: \"true\"\n", ""},
		"a template":        {"    modelfn.dev/digest: sha256:aa\n", "    modelfn.dev/digest: sha256:aa\n    sidecar.istio.io/inject: \"{{ .x }}\"\n", "metadata.annotations.sidecar.istio.io/inject"},
		"a template's name": {"    model:\n", "    model:\n      resources: {requests: {\"{{ .x }}\": \"2\"}}\n", "spec.predictor.model.resources"},
		"a template below":  {"    model:\n", "    model:\n      resources: {claims: [{name: \"{{ .x }}\"}]}\n", "spec.predictor.model.resources"},
		"no template":       {"    model:\n", "    model:\n      resources: {requests: {nvidia.com/gpu: \"2\"}, claims: [{name: gpu}]}\n", ""},
		"another below":     {"    model:\n", "    model:\n      resources: {limits: {cpu: \"2\", memory: 1Gi}}\n", "spec.predictor.model.resources.limits.memory"},
		"beside it":         {"minReplicas: 0", "minReplicas: 3\n    maxReplicas: 3", "spec.predictor.maxReplicas"},
		"with another":      {"oci://r.example/fraud@sha256:aa", "s3://evil", "spec.predictor.model.storageUri"},
		"above it":          {"      storageUri: oci://r.example/fraud@sha256:aa\n", "", "spec.predictor.model"},
		"another's own key": {"    modelfn.dev/digest: sha256:aa\n", "    modelfn.dev/digest: sha256:aa\n    sidecar.istio.io/injector: \"true\"\n", "metadata.annotations.sidecar.istio.io/injector"},
	} {
		items, err := parseObjects([]byte(replaced(t, tt.before, tt.after) + "---\n" + guard))
		if err != nil {
			t.Fatal(err)
		}
		findings := Gate(items, generated, nil, allowed)
		if tt.want == "" && len(findings) > 0 || tt.want != "" && (len(findings) != 1 || findings[0].Rule != "changed-object" || !strings.Contains(findings[0].Message, "generated it: "+tt.want)) {
			t.Errorf("%s: %v, want %q", name, findings, tt.want)
		}
		if tt.want == "" {
			if findings := Gate(items, generated, nil, nil); len(findings) != 1 || findings[0].Rule != "changed-object" {
				t.Errorf("%s, not allowed: %v", name, findings)
			}
		}
	}
	items, err := parseObjects([]byte(service + "---\n" + strings.Replace(guard, "Deny", "Audit", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if findings := Gate(items, generated, nil, []v1alpha1.PatchedFields{{Kind: "InferenceService", Fields: []string{"spec.validationActions"}}}); len(findings) != 1 {
		t.Errorf("a policy: %v", findings)
	}
}
