package main

import (
	"context"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubectl/pkg/util/openapi"
)

// cluster is one that objects go to.
type cluster struct {
	config  *rest.Config
	kubectl *kube.KubectlCmd
	schema  openapi.Resources
	parser  *managedfields.GvkParser
}

func connect(kubeconfig string) (*cluster, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	c := &cluster{config: config, kubectl: &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}}
	c.schema, c.parser, err = c.kubectl.LoadOpenAPISchema(config)
	return c, err
}

// live is an object as the cluster has it, or nil.
func (c *cluster) live(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, err := c.kubectl.GetResource(ctx, c.config, o.GroupVersionKind(), o.GetName(), o.GetNamespace())
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}
