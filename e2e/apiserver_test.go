package e2e_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// TestAPIServerTakesWhatIsRendered: each rendered object is stored as it was
// rendered, and applying it once more changes nothing: Argo CD is in sync after
// the first sync. What several cases have in common is judged once.
func TestAPIServerTakesWhatIsRendered(t *testing.T) {
	c := bare.Get(t)
	constraintKinds(t, c)
	judged := map[string]bool{}
	for name, objects := range rendered(t) {
		t.Run(name, func(t *testing.T) {
			for _, o := range objects {
				if text := toYAML(t, o.Object); !judged[text] {
					judged[text] = true
					home(t, c, o)
					takes(t, c, o)
				}
			}
		})
	}
}

func takes(t *testing.T, c *cluster.Cluster, o *cluster.Object) {
	t.Helper()
	if o.GetKind() == "ValidatingAdmissionPolicyBinding" {
		// In force it would judge the cases that come after it.
		stored, err := c.DryRun(t.Context(), o)
		if err != nil {
			t.Errorf("%s: %v", id(o), err)
		} else if diff := cmp.Diff(content(o), content(stored)); diff != "" {
			t.Errorf("%s: -rendered, +stored:\n%s", id(o), diff)
		}
		return
	}
	first, err := c.Apply(t.Context(), o)
	if err != nil {
		t.Errorf("%s: %v", id(o), err)
		return
	}
	// Golden cases use the same names.
	defer func() {
		if err := c.Delete(t.Context(), o); err != nil {
			t.Errorf("%s: %v", id(o), err)
		}
	}()
	if diff := cmp.Diff(content(o), content(first)); diff != "" {
		t.Errorf("%s: -rendered, +stored:\n%s", id(o), diff)
	}
	second, err := c.Apply(t.Context(), o)
	if err != nil {
		t.Errorf("%s again: %v", id(o), err)
		return
	}
	if diff := cmp.Diff(first.Object, second.Object); diff != "" {
		t.Errorf("%s: -once, +applied again:\n%s", id(o), diff)
	}
}

// home makes the namespace of an object that is to be applied.
func home(t *testing.T, c *cluster.Cluster, o *cluster.Object) {
	t.Helper()
	if o.GetNamespace() == "" {
		o.SetNamespace("default") // as kubectl does; the API server ignores it where there is none
	}
	var namespace cluster.Object
	namespace.SetAPIVersion("v1")
	namespace.SetKind("Namespace")
	namespace.SetName(o.GetNamespace())
	if _, err := c.Apply(t.Context(), &namespace); err != nil {
		t.Fatal(err)
	}
}

// content is an object without what only the API server says about it.
func content(o *cluster.Object) map[string]any {
	o = o.DeepCopy()
	for _, field := range []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	if strings.HasPrefix(o.GetKind(), "ValidatingAdmissionPolicy") || o.GroupVersionKind().Group == "constraints.gatekeeper.sh" {
		o.SetNamespace("")
		unstructured.RemoveNestedField(o.Object, "status")
	}
	if o.GetKind() == "Service" {
		for _, field := range []string{"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} {
			unstructured.RemoveNestedField(o.Object, "spec", field)
		}
	}
	if o.GetKind() == "Service" || o.GetKind() == "ValidatingAdmissionPolicy" {
		unstructured.RemoveNestedField(o.Object, "status")
	}
	return o.Object
}

func id(o *cluster.Object) string {
	return fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
}

// TestAPIServerRefuses: the judge judges. A field that does not exist, or of
// another type, is not let in.
func TestAPIServerRefuses(t *testing.T) {
	c := bare.Get(t)
	const service = `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: refused, namespace: default}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: "s3://bucket/model"}}}
`
	const policy = `
apiVersion: policies.kyverno.io/v1
kind: NamespacedImageValidatingPolicy
metadata: {name: refused, namespace: default}
spec: {failurePolicy: Fail, attestors: [], matchImageReferences: [{glob: "*"}], validations: [{expression: "true"}]}
`
	for name, tt := range map[string]struct{ object, reason string }{
		"nothing":            {service, ""},
		"a misspelt field":   {strings.Replace(service, "storageUri", "storageURI", 1), ".spec.predictor.model.storageURI: field not declared in schema"},
		"another type":       {strings.Replace(service, "predictor: {", `predictor: {minReplicas: "1", `, 1), "minReplicas"},
		"nothing of Kyverno": {policy, ""},
		"a misspelt policy":  {strings.Replace(policy, "failurePolicy", "failPolicy", 1), ".spec.failPolicy: field not declared in schema"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.DryRun(t.Context(), parse(t, tt.object)[0])
			if tt.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var status apierrors.APIStatus
			if !errors.As(err, &status) || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("refused for another reason than %q: %v", tt.reason, err)
			}
		})
	}
}
