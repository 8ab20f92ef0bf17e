package cluster

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// WithLLM runs, beside what WithKServe does, KServe's controller manager for
// LLMInferenceServices, with the configurations that KServe ships and its
// webhooks.
func WithLLM() Option {
	return func(c *Cluster) error {
		ctx, cancel := context.WithTimeout(context.Background(), startup)
		defer cancel()
		if err := c.installPools(ctx); err != nil {
			return fmt.Errorf("installing the inference extension: %w", err)
		}
		if err := c.startManager(ctx, kserveManager{
			name: peer.LLMManager, webhooks: "config/webhook/llmisvc/manifests.yaml", args: []string{"-metrics-secure=false"},
		}); err != nil {
			return err
		}
		dir, err := c.kserve.Files.Dir()
		if err != nil {
			return err
		}
		configs, err := kustomize(filepath.Join(dir, "config/llmisvcconfig"))
		if err != nil {
			return err
		}
		return c.applyAll(ctx, configs)
	}
}

// installPools makes the API server know the kinds of the Gateway API's inference
// extension that KServe brings along.
func (c *Cluster) installPools(ctx context.Context) error {
	dir, err := c.kserve.Files.Dir()
	if err != nil {
		return err
	}
	crds, err := readObjects(filepath.Join(dir, "config/llmisvc/gateway-inference-extension.yaml"))
	if err != nil {
		return err
	}
	for _, crd := range crds {
		if _, err := c.Create(ctx, crd); err != nil {
			return fmt.Errorf("%s: %w", crd.GetName(), err)
		}
	}
	return c.AwaitKinds(ctx, crds)
}
