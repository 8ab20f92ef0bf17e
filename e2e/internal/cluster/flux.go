package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

// FluxKinds makes the API server know the kinds of Flux's source-controller and
// kustomize-controller.
func (c *Cluster) FluxKinds(tb testing.TB) {
	tb.Helper()
	c.Define(tb, peer.SourceControllerFiles, "config/crd/bases/*.yaml")
	c.Define(tb, peer.KustomizeControllerFiles, "config/crd/bases/*.yaml")
}

// Define makes the API server know the kinds in a module's files.
func (c *Cluster) Define(tb testing.TB, module peer.Files, pattern string) {
	tb.Helper()
	dir, err := module.Dir()
	if err != nil {
		tb.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		tb.Fatalf("%s: no %s (%v)", module, pattern, err)
	}
	var crds []*Object
	for _, file := range files {
		in, err := readObjects(file)
		if err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		crds = append(crds, in...)
	}
	for _, crd := range crds {
		if _, err := c.Create(tb.Context(), crd); err != nil && !apierrors.IsAlreadyExists(err) {
			tb.Fatalf("%s: %v", crd.GetName(), err)
		}
	}
	if err := c.AwaitKinds(tb.Context(), crds); err != nil {
		tb.Fatal(err)
	}
}

// Flux runs Flux's source-controller and kustomize-controller until the test ends,
// with this environment and what the second is told besides.
func (c *Cluster) Flux(tb testing.TB, env []string, args ...string) {
	tb.Helper()
	c.FluxKinds(tb)
	if err := errors.Join(c.writeKubeconfig(), c.applyAll(context.Background(), []*Object{newNamespace("flux-system")})); err != nil {
		tb.Fatal(err)
	}
	env = append([]string{"KUBECONFIG=" + c.path("kubeconfig"), "RUNTIME_NAMESPACE=flux-system"}, env...)
	c.controller(tb, peer.SourceController, func(address string) process.Command {
		return process.Command{Env: env, Args: []string{
			"--storage-path=" + tb.TempDir(), "--storage-addr=" + address, "--storage-adv-addr=" + address,
			"--metrics-addr=0", "--health-addr=0",
		}}
	})
	c.controller(tb, peer.KustomizeController, func(address string) process.Command {
		return process.Command{Env: env, Args: append([]string{
			"--health-addr=" + address, "--metrics-addr=0", "--requeue-dependency=1s", "--max-retry-delay=1s",
		}, args...)}
	})
}

// controller runs a program that serves on the address that it is given.
func (c *Cluster) controller(tb testing.TB, name string, command func(address string) process.Command) {
	tb.Helper()
	binary, err := peer.Path(name)
	if err != nil {
		tb.Fatal(err)
	}
	_, p, err := c.runOnPort(name, func(port string) process.Command {
		started := command(fmt.Sprintf("%s:%s", loopback, port))
		started.Path = binary
		return started
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Kill(); err != nil {
			tb.Error(err)
		}
		c.running = slices.DeleteFunc(c.running, func(s server) bool { return s.Process == p })
		if tb.Failed() {
			tb.Logf("%s:\n%s", name, p.Printed())
		}
	})
}
