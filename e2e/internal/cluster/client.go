package cluster

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	sigsyaml "sigs.k8s.io/yaml"
)

// Object is any Kubernetes object.
type Object = unstructured.Unstructured

// manager is under whose name fields are applied.
const manager = "e2e"

// Apply applies an object on the server's side, as `kubectl apply --server-side`
// and Argo CD do: fields that the schema does not have are refused.
func (c *Cluster) Apply(ctx context.Context, o *Object) (*Object, error) {
	return c.apply(ctx, o, metav1.PatchOptions{})
}

// DryRun is Apply without effect: what would the object be?
func (c *Cluster) DryRun(ctx context.Context, o *Object) (*Object, error) {
	return c.apply(ctx, o, metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
}

func (c *Cluster) apply(ctx context.Context, o *Object, options metav1.PatchOptions) (*Object, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	body, err := o.MarshalJSON()
	if err != nil {
		return nil, err
	}
	options.FieldManager, options.FieldValidation = manager, metav1.FieldValidationStrict
	return resource.Patch(ctx, o.GetName(), types.ApplyPatchType, body, options)
}

// Create creates an object. Unlike Apply it is quick with the largest CRDs.
func (c *Cluster) Create(ctx context.Context, o *Object) (*Object, error) {
	return c.create(ctx, o, metav1.CreateOptions{})
}

// CreateDry says what the object would be when it is created, without effect.
func (c *Cluster) CreateDry(ctx context.Context, o *Object) (*Object, error) {
	return c.create(ctx, o, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
}

func (c *Cluster) create(ctx context.Context, o *Object, options metav1.CreateOptions) (*Object, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Create(ctx, o, options)
}

// Update writes an object that was read.
func (c *Cluster) Update(ctx context.Context, o *Object) (*Object, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Update(ctx, o, metav1.UpdateOptions{FieldManager: manager})
}

// SetStatus merges a status into an object, in the place of a controller that
// does not run.
func (c *Cluster) SetStatus(ctx context.Context, o *Object, status string) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	_, err = resource.Patch(ctx, o.GetName(), types.MergePatchType, []byte(`{"status":`+status+`}`), metav1.PatchOptions{}, "status")
	return err
}

// Get reads the object of the same kind, namespace and name.
func (c *Cluster) Get(ctx context.Context, o *Object) (*Object, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Get(ctx, o.GetName(), metav1.GetOptions{})
}

// List reads all objects of a kind in a namespace.
func (c *Cluster) List(ctx context.Context, kind *Object) ([]Object, error) {
	resource, err := c.resource(kind)
	if err != nil {
		return nil, err
	}
	list, err := resource.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// Delete deletes the object of the same kind, namespace and name.
func (c *Cluster) Delete(ctx context.Context, o *Object) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	return resource.Delete(ctx, o.GetName(), metav1.DeleteOptions{})
}

// Await reads an object until ready has nothing against it. The error of a
// missed deadline says what it was.
func (c *Cluster) Await(ctx context.Context, o *Object, ready func(*Object) error) (got *Object, err error) {
	err = poll(ctx, func() error {
		if got, err = c.Get(ctx, o); err != nil {
			return err
		}
		return ready(got)
	})
	return got, err
}

// AwaitGone waits until an object is deleted, and nobody's finalizer keeps it.
func (c *Cluster) AwaitGone(ctx context.Context, o *Object) error {
	return poll(ctx, func() error {
		_, err := c.Get(ctx, o)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return cmp.Or(err, errors.New("it is still there"))
	})
}

// Exists is what Await needs to wait for an object that is not there yet.
func Exists(*Object) error { return nil }

func (c *Cluster) resource(o *Object) (dynamic.ResourceInterface, error) {
	kind := o.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.client.Resource(mapping.Resource), nil
	}
	return c.client.Resource(mapping.Resource).Namespace(o.GetNamespace()), nil
}

// patience bounds a wait whose context has no earlier deadline.
const patience = time.Minute

// Until tries until it succeeds: some things the API server does only once it has
// heard of them. The error of a missed deadline says what it was.
func Until(ctx context.Context, try func() error) error { return poll(ctx, try) }

func poll(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// Parse reads a stream of YAML documents.
func Parse(stream io.Reader) ([]*Object, error) {
	var objects []*Object
	documents := yaml.NewYAMLReader(bufio.NewReader(stream))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := sigsyaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		if string(content) == "null" {
			continue // only comments
		}
		var o Object
		if err := o.UnmarshalJSON(content); err != nil {
			return nil, err
		}
		objects = append(objects, &o)
	}
}
