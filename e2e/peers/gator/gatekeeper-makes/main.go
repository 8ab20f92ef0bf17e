// Prints what Gatekeeper's controllers make in a cluster of the templates and
// constraints on standard input: the kind of each template, and the policies and
// bindings by which the API server judges for itself.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/open-policy-agent/frameworks/constraint/pkg/apis"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/drivers/k8scel"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/drivers/k8scel/transform"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/gator/reader"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	gatekeeper, err := newMaker()
	if err != nil {
		return err
	}
	objects, err := reader.ReadK8sResources(in)
	if err != nil {
		return err
	}
	for _, o := range objects {
		made, err := gatekeeper.of(ctx, o)
		if err != nil {
			return fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
		for _, m := range made {
			text, err := yaml.Marshal(m)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "---\n%s", text)
		}
	}
	return nil
}

type maker struct {
	scheme *runtime.Scheme
	client *client.Client
}

func newMaker() (*maker, error) {
	scheme := runtime.NewScheme()
	if err := apis.AddToScheme(scheme); err != nil {
		return nil, err
	}
	apiextensions.Install(scheme)
	driver, err := k8scel.New()
	if err != nil {
		return nil, err
	}
	c, err := client.NewClient(client.Targets(&target.K8sValidationTarget{}), client.Driver(driver), client.EnforcementPoints("vap.k8s.io"))
	return &maker{scheme, c}, err
}

func (m *maker) of(ctx context.Context, o *unstructured.Unstructured) ([]any, error) {
	switch {
	case reader.IsTemplate(o):
		return m.ofTemplate(ctx, o)
	case reader.IsConstraint(o):
		if _, err := m.client.AddConstraint(ctx, o); err != nil {
			return nil, err
		}
		action, _, err := unstructured.NestedString(o.Object, "spec", "enforcementAction")
		if err != nil {
			return nil, err
		}
		binding, err := transform.ConstraintToBinding(o, []string{action})
		if err != nil {
			return nil, err
		}
		return served(binding, "ValidatingAdmissionPolicyBinding")
	}
	return nil, nil
}

func (m *maker) ofTemplate(ctx context.Context, o *unstructured.Unstructured) ([]any, error) {
	template, err := reader.ToTemplate(m.scheme, o)
	if err != nil {
		return nil, err
	}
	if _, err := m.client.AddTemplate(ctx, template); err != nil {
		return nil, err
	}
	internal, err := m.client.CreateCRD(ctx, template)
	if err != nil {
		return nil, err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := m.scheme.Convert(internal, &crd, nil); err != nil {
		return nil, err
	}
	crd.APIVersion, crd.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
	policy, err := transform.TemplateToPolicyDefinition(template)
	if err != nil {
		return nil, err
	}
	made, err := served(policy, "ValidatingAdmissionPolicy")
	return append([]any{crd}, made...), err
}

// served is an object in the version of its kind that is there by now.
func served(o any, kind string) ([]any, error) {
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil, err
	}
	tree["apiVersion"], tree["kind"] = "admissionregistration.k8s.io/v1", kind
	return []any{tree}, nil
}
