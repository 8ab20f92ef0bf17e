package e2e_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// holdPods has a cluster hold the Pods of some namespaces to a platform's models, as
// its baseline would everywhere.
func holdPods(t *testing.T, c *cluster.Cluster, serving map[string]any, namespaces ...string) {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	serving["kit"] = map[string]any{"image": initializer}
	file := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, file, toYAML(t, object{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelPlatform", "metadata": map[string]any{"name": "prod"},
		"spec": map[string]any{
			"trust": []any{map[string]any{
				"match":          []any{"registry.example.com/**", "hf://acme/*", "s3://models/**", "https://models.example.com/**", "pvc://models/**"},
				"unsafeUnsigned": true,
			}},
			"serving": serving,
		},
	}))
	for _, o := range parse(t, stdout(t, host.Run(t, host.Command{Path: modelfn, Args: []string{"baseline", "--platform", file}}))) {
		if o.GetName() != "modelfn-pods" {
			continue
		}
		o.SetName("modelfn-pods-" + namespaces[0])
		if o.GetKind() == "ValidatingAdmissionPolicyBinding" {
			o.Object["spec"].(map[string]any)["policyName"] = o.GetName()
			in := map[string]any{"key": "kubernetes.io/metadata.name", "operator": "In", "values": anys(namespaces)}
			if err := unstructured.SetNestedSlice(o.Object, []any{in}, "spec", "matchResources", "namespaceSelector", "matchExpressions"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
	}
	for _, namespace := range namespaces {
		evil := one(t, "pods/evil.yaml")
		evil.SetNamespace(namespace)
		home(t, c, evil)
		if err := cluster.Until(t.Context(), func() error {
			if _, err := c.CreateDry(t.Context(), evil); err == nil || !strings.Contains(err.Error(), "denied request") {
				return errors.Join(fmt.Errorf("%s: Pods are not held to anything", namespace), err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}

// loadedPods are models of an InferenceService, the container by which KServe's
// webhook has it loaded, and why the Pod is refused, if it is.
var loadedPods = map[string]struct{ uri, by, reason string }{
	"oci":       {"oci://" + fraudModel, "modelcar", ""},
	"kit":       {"kit://" + fraudModel, "storage-initializer", ""},
	"storage":   {"s3://models/fraud/v7", "storage-initializer", ""},
	"hub":       {"hf://acme/fraud:0123456789abcdef0123456789abcdef01234567", "storage-initializer", ""},
	"web":       {"https://models.example.com/fraud/model.bin", "storage-initializer", ""},
	"claim":     {"pvc://models/fraud/v7", "kserve-container", ""},
	"tag":       {"oci://registry.example.com/models/fraud:v7", "", "named by digest"},
	"elsewhere": {"oci://evil.example.com/models/fraud@" + strings.SplitAfter(fraudModel, "@")[1], "", "no trust rule"},
	"bucket":    {"s3://elsewhere/fraud", "", "no trust rule"},
	"branch":    {"hf://acme/fraud:main", "", "named by digest"},
	"other":     {"pvc://other/fraud", "", "no trust rule"},
}

// TestPodsThatKServeMakes: what each version's manager and its webhook make of
// models is admitted or refused as the models are, by what stands in the Pods.
func TestPodsThatKServeMakes(t *testing.T) {
	for version, shared := range managed {
		t.Run(version, func(t *testing.T) {
			c := shared.Get(t)
			var namespaces []string
			for name := range loadedPods {
				namespaces = append(namespaces, "pods-"+name)
			}
			slices.Sort(namespaces)
			holdPods(t, c, map[string]any{"kserve": version}, namespaces...)
			for name, tt := range loadedPods {
				t.Run(name, func(t *testing.T) {
					d := deployment(t, c, service(t, c, "pods-"+name, settings{"storageUri": tt.uri}))
					created, err := c.CreateDry(t.Context(), podOf(t, d))
					if tt.reason != "" {
						deniedBy(t, err, tt.reason)
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					container(t, fieldOf[map[string]any](t, created.Object, "spec"), tt.by)
				})
			}
		})
	}
}

// TestPodsThatKServeIsToldToMake: who may write Deployments names another model in
// an annotation, and KServe's webhook adds it to the Pods. They are refused.
func TestPodsThatKServeIsToldToMake(t *testing.T) {
	for version, shared := range managed {
		t.Run(version, func(t *testing.T) {
			c := shared.Get(t)
			holdPods(t, c, map[string]any{"kserve": version}, "pods-told")
			d := deployment(t, c, service(t, c, "pods-told", settings{"storageUri": "oci://" + fraudModel}))
			for uri, reason := range map[string]string{
				"oci://" + fraudModel: "",
				"oci://evil.example.com/models/fraud@" + strings.SplitAfter(fraudModel, "@")[1]: "no trust rule",
				"s3://elsewhere/fraud": "no trust rule",
				"pvc://other/fraud":    "no trust rule",
			} {
				p := podOf(t, d)
				annotations := p.GetAnnotations()
				annotations["internal.serving.kserve.io/storage-initializer-sourceuri"] = uri
				p.SetAnnotations(annotations)
				_, err := c.CreateDry(t.Context(), p)
				if reason != "" {
					deniedBy(t, err, reason)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestPodsOfImageVolumes: what KServe mounts as a volume is judged as a modelcar is.
func TestPodsOfImageVolumes(t *testing.T) {
	c := kserve.Get(t)
	holdPods(t, c, map[string]any{}, "pods-native", "pods-native-elsewhere")
	for namespace, tt := range map[string]struct{ uri, reason string }{
		"pods-native":           {"oci+native://" + fraudModel, ""},
		"pods-native-elsewhere": {"oci+native://evil.example.com/models/fraud@" + strings.SplitAfter(fraudModel, "@")[1], "no trust rule"},
	} {
		d := deployment(t, c, service(t, c, namespace, settings{"storageUri": tt.uri}))
		created, err := c.CreateDry(t.Context(), podOf(t, d))
		if tt.reason != "" {
			deniedBy(t, err, tt.reason)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if volumes := fmt.Sprint(fieldOf[[]any](t, created.Object, "spec", "volumes")); !strings.Contains(volumes, "reference:"+fraudModel) {
			t.Errorf("no image volume: %s", volumes)
		}
	}
}

// TestPodsOfLLMs: what KServe's manager makes of large language models that are
// rendered is admitted, adapters and schedulers too, and by the platform's rules only.
func TestPodsOfLLMs(t *testing.T) {
	c := kserve.Get(t)
	var namespaces []string
	for name := range llmCases {
		namespaces = append(namespaces, "pods-"+name)
	}
	slices.Sort(namespaces)
	holdPods(t, c, map[string]any{}, namespaces...)
	for name, versions := range llmCases {
		t.Run(name, func(t *testing.T) {
			enter(t, c, "pods-"+name, append(parse(t, read(t, "testdata/llm/surroundings.yaml")), parse(t, read(t, "../testdata/"+name+"/expected.yaml"))...))
			for version := range versions {
				var s cluster.Object
				s.SetNamespace("pods-" + name)
				s.SetName(version)
				d := made(t, c, &s, "apps/v1", "Deployment", "-kserve")
				p := podOf(t, d)
				if _, err := c.CreateDry(t.Context(), p); err != nil {
					t.Error(err)
				}
				_, err := c.CreateDry(t.Context(), elsewhere(t, p))
				deniedBy(t, err, "no trust rule")
			}
		})
	}
}

// elsewhere is a Pod whose last model comes from where nothing is trusted.
func elsewhere(t *testing.T, p *cluster.Object) *cluster.Object {
	t.Helper()
	text, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var out cluster.Object
	if err := out.UnmarshalJSON([]byte(strings.NewReplacer("registry.example.com/", "evil.example.com/", "hf://acme/", "hf://evil/").Replace(string(text)))); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestBaselineTakesKServesStorage: what a release of KServe installs to fetch models
// with is admitted by platforms of its version, and by no others.
func TestBaselineTakesKServesStorage(t *testing.T) {
	c := guard(t, readAdmission(t), "standard")
	for version, shared := range managed {
		var o cluster.Object
		o.SetAPIVersion("serving.kserve.io/v1alpha1")
		o.SetKind("ClusterStorageContainer")
		o.SetName("default")
		shipped, err := shared.Get(t).Get(t.Context(), &o)
		if err != nil {
			t.Fatal(err)
		}
		o.Object["spec"] = shipped.Object["spec"]
		_, err = c.CreateDry(t.Context(), &o)
		if version != "0.20" {
			deniedBy(t, err, "decides what fetches models")
		} else if err != nil {
			t.Error(err)
		}
	}
}
